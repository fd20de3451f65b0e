import { createReadStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { ArtifactPlace } from '../../shared/contracts/job-results.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { Unanswered } from '../protocol/call.ts';
import { broken, IDLE_MS, type Refusal, refusedWith, type Transfer, tried } from './transfer.ts';

export interface Upload extends Transfer {
  readonly file: string;
  readonly size: number;
  /** Asked for before each try, since links grow old. */
  readonly place: () => Promise<ArtifactPlace>;
}

/**
 * PUTs the artifact as a stream; tries again where a repetition may help.
 * @throws StageFailed (UPLOAD_FAILED)
 */
export async function uploadArtifact(upload: Upload): Promise<void> {
  const refusal = await tried(upload, () => put(upload));
  if (refusal !== undefined) throw failure(refusal);
}

async function put(upload: Upload): Promise<Refusal | undefined> {
  let place: ArtifactPlace;
  try {
    place = await upload.place();
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return { what: 'the service did not answer', retryable: true };
  }
  return send(upload, place);
}

function send(upload: Upload, place: ArtifactPlace): Promise<Refusal | undefined> {
  const { promise, resolve } = Promise.withResolvers<Refusal | undefined>();
  const fail = (error: unknown) => resolve(broken(error));
  const url = new URL(place.url);
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'PUT',
    headers: { ...place.headers, 'content-length': upload.size },
    signal: upload.signal,
    timeout: IDLE_MS,
  });
  request.on('timeout', () => request.destroy());
  request.on('error', fail);
  request.on('response', (response) => {
    const status = response.statusCode ?? 0;
    response.resume();
    response.once('error', fail);
    response.once('end', () => {
      resolve(status >= 200 && status < 300 ? undefined : refusedWith(status));
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
