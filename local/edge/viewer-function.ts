import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

/** What CloudFront hands a viewer function and gets back, as far as ours use it. */
export interface EdgeValue {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[] | undefined;
}
export type EdgeHeaders = Record<string, EdgeValue>;
export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: Record<string, EdgeValue>;
  headers: EdgeHeaders;
  cookies: Record<string, EdgeValue>;
}
export interface EdgeResponse {
  statusCode: number;
  headers: EdgeHeaders;
  cookies?: Record<string, { readonly value: string; readonly attributes?: string }>;
  body?: { readonly data: string };
}
export interface EdgeEvent {
  /** The same for a request and its answer, and for no other request. */
  readonly context: { readonly requestId: string };
  readonly request: EdgeRequest;
  readonly response?: EdgeResponse;
}

/** A function answers for the request itself, or hands it on changed. */
export type ViewerFunction<Answer extends EdgeRequest | EdgeResponse> = (event: EdgeEvent) => Promise<Answer>;

/** The store behind `cf.kvs()`: rejects where the key is not there, as CloudFront's does. */
export interface FunctionStore {
  get(key: string): Promise<string>;
}

/** Milliseconds of computing; CloudFront allows about one, but this machine does other work too. */
const COMPUTE_MS = 1000;
const IMPORT = /^import (\w+) from '(\w+)';$/gm;

/**
 * Runs a CloudFront Function from its file, in a context without anything of Node but what that runtime has:
 * the modules `cloudfront` and `crypto`. Only default imports at the beginning of a line are understood, which
 * is all that our functions use.
 */
export async function loadViewerFunction<Answer extends EdgeRequest | EdgeResponse>(
  file: string,
  store: FunctionStore,
): Promise<ViewerFunction<Answer>> {
  const source = (await readFile(file, 'utf8')).replace(IMPORT, "const $1 = modules['$2'];");
  const modules = { cloudfront: { kvs: () => store }, crypto: createRequire(import.meta.url)('node:crypto') };
  const handler: unknown = runInNewContext(
    `${source}\nhandler;`,
    { modules, console: { log: () => {} } },
    { filename: file, timeout: COMPUTE_MS },
  );
  if (typeof handler !== 'function') throw new TypeError(`${file} has no function called handler.`);
  // The file's own contract; CloudFront does not check it either, and tests hold the file to it.
  return async (event) => (await handler(event)) as Answer;
}
