/** A program in a page, as it stands there. */
export interface Example {
  /** Where it is to run. */
  readonly where: 'node' | 'browser';
  readonly code: string;
}

const FENCE = /^```ts (node|browser)\n([\s\S]*?)^```$/gm;

/** The fenced examples of a page that say where they run. */
export const examplesIn = (markdown: string): Example[] =>
  [...markdown.matchAll(FENCE)].map(([, where, code = '']) => ({
    where: where === 'browser' ? 'browser' : 'node',
    code,
  }));

/** The example with the address, token and project of a service that is there, in the place of those that it names. */
export const exampleFor = (
  { code }: Example,
  service: { readonly url: string; readonly token: string; readonly projectId: string },
): string =>
  code
    .replaceAll(/'https:\/\/[^']*'/g, JSON.stringify(service.url))
    .replaceAll(/'slp_[^']*'/g, JSON.stringify(service.token))
    .replaceAll(/'prj_[^']*'/g, JSON.stringify(service.projectId));
