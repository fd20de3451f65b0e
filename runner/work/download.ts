import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { backoffMs } from '../protocol/backoff.ts';

const ATTEMPTS = 4;
/** A connection that moves nothing for this long is dead. */
const IDLE_MS = 60_000;
const busyStatuses = new Set([408, 429]);

export interface Download {
  readonly url: string;
  readonly digest: string;
  readonly size: number;
  readonly file: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
}

/** Why it did not come; never the address, which is a secret. */
interface Refusal {
  readonly what: string;
  readonly retryable: boolean;
}

/**
 * Fetches the artifact as a stream and checks its digest over all bytes; tries again where a repetition may help.
 * @throws StageFailed (INTERNAL)
 */
export async function downloadArtifact(download: Download): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    const outcome = await get(download);
    if (outcome === undefined) return;
    download.signal.throwIfAborted();
    if (!outcome.retryable || failures === ATTEMPTS) throw failure(outcome);
    await download.clock.sleep(backoffMs(failures, download.random.unit()), download.signal);
  }
}

async function get(download: Download): Promise<Refusal | undefined> {
  try {
    const response = await open(download);
    const status = response.statusCode ?? 0;
    if (status === 200) return await keep(download, response);
    response.resume();
    return { what: `status ${status}`, retryable: status >= 500 || busyStatuses.has(status) };
  } catch (error) {
    return { what: reasonOf(error), retryable: true };
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

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'connection lost';
}
