import { inject } from 'vitest';
import { withoutTerminalCodes } from '../../shared/domain/terminal-codes.ts';
import type { Kept } from './kept.ts';
import { secretForms } from './secret-forms.ts';

/** Stretches of a text so close together that whoever shows `size + step` characters of it shows one of them. */
const stretches = (text: string, size: number, step: number) =>
  Array.from({ length: Math.max(0, Math.floor((text.length - size) / step) + 1) }, (_, i) =>
    text.slice(i * step, i * step + size),
  );

/** What must be nowhere: any part of the value worth having, in any of the ways in which it may be written. */
export function tracesOf(secret: string): string[] {
  const forms = Object.entries(secretForms(secret)).filter(([name]) => !/split|wrapped/.test(name));
  return forms.flatMap(([name, form]) => {
    if (name.includes('hex')) return stretches(form, 28, 4);
    // The first and last letters depend on what stands before and behind.
    if (name.startsWith('base64')) return stretches(form.slice(4, -4), 20, 4);
    // Nor does what is put around it say anything of it.
    const inner = form.replace(/^.*?(?=Sk-)/s, '').replace(/[\\"'}]*$/, '');
    return stretches(inner, 16, 4);
  });
}

/** Escape codes as they are, and as JSON and JSON in JSON have them. */
const ESCAPED = /\\+u001[bB]\[[0-9;]*m/g;

/** Where one of the traces stands, also one that colours have cut. */
export const placesOf = (traces: readonly string[], kept: readonly Kept[]): string[] =>
  kept
    .filter(({ text }) => {
      const plain = withoutTerminalCodes(text).replace(ESCAPED, '');
      return traces.some((trace) => text.includes(trace) || plain.includes(trace));
    })
    .map(({ where }) => where);

/** Everything that the API says about deployments and where they went, as plain text. */
export async function answersAbout(
  { projectId, environment }: { readonly projectId: string; readonly environment: string },
  ids: readonly string[],
): Promise<Kept[]> {
  const place = `/projects/${projectId}/environments/${environment}`;
  const paths = [
    ...ids.flatMap((id) =>
      ['', '/status', '/logs?limit=1000', '/result', '/artifacts'].map((end) => `/deployments/${id}${end}`),
    ),
    ...[
      '/deployments',
      `/projects/${projectId}`,
      `/projects/${projectId}/versions`,
      place,
      `${place}/variables`,
    ],
  ];
  return Promise.all(paths.map(answerTo));
}

async function answerTo(path: string): Promise<Kept> {
  const { url, token } = inject('stack');
  const answer = await fetch(`${url}/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  // What failed before it had an artifact says so instead of linking to one.
  if (!answer.ok && !(path.endsWith('/artifacts') && answer.status === 422))
    throw new Error(`GET ${path} answered ${answer.status}.`);
  return { where: `GET ${path}`, text: await answer.text() };
}
