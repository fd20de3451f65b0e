import { pipeline, type Readable } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

/** CloudFront's own bounds for compressing by itself. */
const MIN_BYTES = 1000;
const MAX_BYTES = 10_000_000;
const COMPRESSIBLE =
  /^(?:text\/|image\/svg\+xml|application\/(?:javascript|json|manifest\+json|xml|wasm|[\w.-]+\+(?:json|xml))|font\/(?:ttf|otf))/;

export type Encoding = 'br' | 'gzip';

/** How to compress an answer, or undefined: not asked for, not worth it, or a part of a file. */
export function encodingFor(
  accepted: string | undefined,
  status: number,
  headers: Readonly<Record<string, string>>,
): Encoding | undefined {
  const bytes = Number(headers['content-length'] ?? Number.NaN);
  if (status !== 200 || !(bytes >= MIN_BYTES && bytes <= MAX_BYTES)) return undefined;
  if (headers['content-encoding'] !== undefined || !COMPRESSIBLE.test(headers['content-type'] ?? ''))
    return undefined;
  const wanted = accepting(accepted ?? '');
  return wanted.has('br') ? 'br' : wanted.has('gzip') ? 'gzip' : undefined;
}

function accepting(header: string): Set<string> {
  const entries = header.split(',').map((entry) =>
    entry
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/),
  );
  return new Set(
    entries.filter(([, quality]) => quality === undefined || Number(quality) > 0).map(([name]) => name ?? ''),
  );
}

export function compress(body: Readable, encoding: Encoding): Readable {
  const encoder =
    encoding === 'br'
      ? createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
      : createGzip({ level: 6 });
  // A broken body breaks the answer: whoever writes the encoder to the socket sees it destroyed.
  return pipeline(body, encoder, () => {});
}
