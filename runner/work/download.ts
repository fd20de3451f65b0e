import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { broken, IDLE_MS, type Refusal, refusedWith, type Transfer, tried } from './transfer.ts';

export interface Download extends Transfer {
  readonly url: string;
  readonly digest: string;
  readonly size: number;
  readonly file: string;
}

/**
 * Fetches the artifact as a stream and checks its digest over all bytes; tries again where a repetition may help.
 * @throws StageFailed (INTERNAL)
 */
export async function downloadArtifact(download: Download): Promise<void> {
  const refusal = await tried(download, () => get(download));
  if (refusal !== undefined) throw failure(refusal);
}

async function get(download: Download): Promise<Refusal | undefined> {
  try {
    const response = await open(download);
    const status = response.statusCode ?? 0;
    if (status === 200) return await keep(download, response);
    response.resume();
    return refusedWith(status);
  } catch (error) {
    return broken(error);
  }
}

function open({ url: address, signal }: Download): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const url = new URL(address);
  const request = (url.protocol === 'https:' ? https : http).get(url, { signal, timeout: IDLE_MS });
  request.on('timeout', () => request.destroy());
  // Stays for good: a late error of a request already given up must not become an uncaught one.
  request.on('error', reject);
  request.once('response', resolve);
  return promise;
}

async function keep(download: Download, response: http.IncomingMessage): Promise<Refusal | undefined> {
  const { file, size, digest, signal } = download;
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > size) return done(new Error('more bytes than it has'));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(response, measure, createWriteStream(file, { mode: 0o600 }), { signal });
  return hash.digest('hex') === digest
    ? undefined
    : { what: 'its bytes have another digest', retryable: true };
}

function failure({ what }: Refusal): StageFailed {
  return new StageFailed('INTERNAL', `The artifact could not be fetched (${what}).`, {
    fault: 'platform',
    retryable: true,
    suggestion: 'Deploy again; if it goes on failing, look at the artifact bucket of the service.',
  });
}
