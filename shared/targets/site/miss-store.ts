import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Manifest, manifest } from './manifest.ts';
import type { MissStore } from './miss.ts';
import { manifestKey } from './site.ts';

/** A Lambda's answer may have 6 MB; base64 takes a third more. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Manifests never change, so a warm function keeps the last ones. */
const KEPT_MANIFESTS = 100;
const READ_MS = 5000;

/** Reads what misses are answered from. Errors other than «not there» go through, so that nothing caches them. */
export function missStore(s3: S3Client, bucket: string): MissStore {
  const kept = new Map<string, Manifest>();

  const read = async (key: string): Promise<Uint8Array | 'tooLarge' | undefined> => {
    const signal = AbortSignal.timeout(READ_MS);
    try {
      const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
        abortSignal: signal,
      });
      if ((answer.ContentLength ?? 0) > MAX_ANSWER_BYTES) {
        await answer.Body?.transformToWebStream().cancel();
        return 'tooLarge';
      }
      return await answer.Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  };

  return {
    object: read,
    async manifest(release) {
      const known = kept.get(release);
      if (known !== undefined) return known;
      const body = await read(manifestKey(release));
      if (body === undefined || body === 'tooLarge') return undefined;
      const parsed = manifest.parse(JSON.parse(Buffer.from(body).toString('utf8')));
      if (kept.size >= KEPT_MANIFESTS) kept.delete(kept.keys().next().value ?? release);
      kept.set(release, parsed);
      return parsed;
    },
  };
}
