import { createReadStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { ArtifactPlace } from '../../shared/contracts/jobs.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Random } from '../../shared/platform/random.ts';
import { backoffMs } from '../protocol/backoff.ts';
import { Unanswered } from '../protocol/call.ts';

const ATTEMPTS = 4;
/** A connection that moves nothing for this long is dead. */
const IDLE_MS = 60_000;
const busyStatuses = new Set([408, 429]);

export interface Upload {
  readonly file: string;
  readonly size: number;
  /** Asked for before each try, since links grow old. */
  readonly place: () => Promise<ArtifactPlace>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * PUTs the artifact as a stream; tries again where a repetition may help.
 * @throws StageFailed (UPLOAD_FAILED)
 */
export async function uploadArtifact(upload: Upload): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    const outcome = await put(upload);
    if (outcome === 'stored') return;
    upload.signal.throwIfAborted();
    if (!outcome.retryable || failures === ATTEMPTS) throw failure(outcome);
    await upload.clock.sleep(backoffMs(failures, upload.random.unit()), upload.signal);
  }
}

interface Refusal {
  /** A status, or the system's word for a broken connection. Never the address, which is a secret. */
  readonly what: string;
  readonly retryable: boolean;
}

async function put(upload: Upload): Promise<'stored' | Refusal> {
  let place: ArtifactPlace;
  try {
    place = await upload.place();
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return { what: 'the service did not answer', retryable: true };
  }
  return send(upload, place);
}

function send(upload: Upload, place: ArtifactPlace): Promise<'stored' | Refusal> {
  const { promise, resolve } = Promise.withResolvers<'stored' | Refusal>();
  const broken = (error: unknown) => resolve({ what: reasonOf(error), retryable: true });
  const url = new URL(place.url);
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'PUT',
    headers: { ...place.headers, 'content-length': upload.size },
    signal: upload.signal,
    timeout: IDLE_MS,
  });
  request.on('timeout', () => request.destroy());
  request.on('error', broken);
  request.on('response', (response) => {
    const status = response.statusCode ?? 0;
    response.resume();
    response.once('error', broken);
    response.once('end', () => {
      if (status >= 200 && status < 300) resolve('stored');
      else resolve({ what: `status ${status}`, retryable: status >= 500 || busyStatuses.has(status) });
    });
  });
  // A server may answer and hang up before it has everything: then the answer counts.
  pipeline(createReadStream(upload.file), request).catch(() => {});
  return promise;
}

function failure(refusal: Refusal): StageFailed {
  return new StageFailed('UPLOAD_FAILED', `The artifact store did not take the artifact (${refusal.what}).`, {
    fault: 'platform',
    retryable: true,
    suggestion: 'Deploy again; if it goes on failing, look at the artifact bucket of the service.',
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'connection lost';
}
