import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { browserBundle } from './browser-bundle.ts';

const README = new URL('../../client/README.md', import.meta.url);
const FENCE = /^```ts (node|browser)\n([\s\S]*?)^```$/gm;

/** The programs in the SDK's README that are for there, as they stand in it. */
export const examplesFor = (where: 'node' | 'browser'): string[] =>
  [...readFileSync(README, 'utf8').matchAll(FENCE)].flatMap(([, named, code = '']) =>
    named === where ? [code] : [],
  );

/** The example with the address, token and project of a service that is there, in the place of those that it names. */
export const exampleOn = (
  code: string,
  service: { readonly url: string; readonly token: string; readonly projectId: string },
): string =>
  code
    .replaceAll(/'https:\/\/[^']*'/g, JSON.stringify(service.url))
    .replaceAll(/'slp_[^']*'/g, JSON.stringify(service.token))
    .replaceAll(/'prj_[^']*'/g, JSON.stringify(service.projectId));

/** What an example says that it prints: the comments behind its calls of console.log. */
export const saidIn = (code: string): string[] =>
  [...code.matchAll(/console\.log\(.*\/\/ (.+)$/gm)].map(([, said = '']) => said);

/** What a program prints that imports the SDK, run by Node to its end. */
export async function printedInNode(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-readme-'));
  try {
    const file = join(folder, 'example.mjs');
    writeFileSync(file, await browserBundle(program));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 120_000 });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
