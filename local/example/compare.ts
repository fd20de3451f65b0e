import type { ArchivedFile } from './archive.ts';

/** What a browser would find, held against what was built. */
export interface Comparison {
  /** Addresses that were fetched. */
  readonly fetched: number;
  /** One sentence for each address that answers with something else; empty where all agree. */
  readonly differences: readonly string[];
}

interface Expected {
  readonly path: string;
  readonly status: number;
  readonly content: Buffer;
}

const DEADLINE_MS = 10_000;
/** No artifact has this name. */
const MISSING = 'no-such-page-here';

/**
 * Fetches every file of an artifact from the address where it is said to be served, pages also by their clean
 * addresses, and an address that is not there; each must answer with exactly the bytes that were built.
 */
export async function compareServed(address: string, files: readonly ArchivedFile[]): Promise<Comparison> {
  const expected = expectationsOf(files);
  const differences: string[] = [];
  for (const each of expected) {
    const difference = await compareOne(address, each);
    if (difference !== undefined) differences.push(difference);
  }
  if (expected.length === 0) differences.push('The artifact holds no files.');
  return { fetched: expected.length, differences };
}

function expectationsOf(files: readonly ArchivedFile[]): Expected[] {
  const found = files.flatMap(({ path, content }) =>
    [path, ...cleanPathsOf(path)].map((each) => ({ path: each, status: 200, content })),
  );
  const notFound = files.find((file) => file.path === '404.html');
  return notFound === undefined
    ? found
    : [...found, { path: MISSING, status: 404, content: notFound.content }];
}

function cleanPathsOf(path: string): string[] {
  if (path === 'index.html') return [''];
  return path.endsWith('.html') ? [path.replace(/(\/index)?\.html$/, '')] : [];
}

async function compareOne(address: string, expected: Expected): Promise<string | undefined> {
  const url = `${address.replace(/\/$/, '')}/${encodeURI(expected.path)}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const content = Buffer.from(await response.arrayBuffer());
    if (response.status !== expected.status) {
      return `${url} answers ${response.status} instead of ${expected.status}.`;
    }
    if (content.equals(expected.content)) return undefined;
    return `${url} serves ${content.length} bytes that are not the ${expected.content.length} bytes that were built.`;
  } catch {
    return `${url} does not answer.`;
  }
}
