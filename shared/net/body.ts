import type { IncomingMessage } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ResponseTooLarge, UnknownContentEncoding } from '../errors/net.ts';

/** What is offered to servers; the other decoders are there for those that do not ask. */
export const acceptedEncoding = 'gzip';

const decoders: Readonly<Record<string, (() => Duplex) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The whole decoded body. Counts after decoding and stops at the cap, so that a small bomb is never
 * inflated beyond it.
 * @throws ResponseTooLarge past `maxBytes`; UnknownContentEncoding for one we cannot count
 */
export async function readCapped(response: IncomingMessage, maxBytes: number, host: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decoded(response, host)) {
    size += chunk.length;
    if (size > maxBytes) throw new ResponseTooLarge(host, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function decoded(response: IncomingMessage, host: string): AsyncIterable<Buffer> {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return response;
  const decoder = decoders[encoding];
  if (decoder === undefined) {
    response.destroy();
    throw new UnknownContentEncoding(host, encoding);
  }
  // The error reaches whoever iterates the decoder; the callback only keeps pipeline from throwing it twice.
  return pipeline(response, decoder(), () => {});
}
