import { createHash } from 'node:crypto';
import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { PlatformUnavailable } from '../../errors/requests.ts';
import { refusalOf, uploadFailure } from './aws-errors.ts';

/** Files in flight at once, and how much of them may be in memory (a Lambda of 1 GB holds both buckets' sockets too). */
const MAX_IN_FLIGHT = 16;
const MAX_BYTES_IN_FLIGHT = 96 * 1024 * 1024;

/** S3's limit for one DeleteObjects call. */
const MAX_KEYS_PER_DELETE = 1000;

export interface Weighted {
  readonly size: number;
}

/** Runs `work` on each item, several at once but never more than the limits; the first failure ends it. */
export async function withBounds<T extends Weighted>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  limits: { readonly count: number; readonly bytes: number } = {
    count: MAX_IN_FLIGHT,
    bytes: MAX_BYTES_IN_FLIGHT,
  },
): Promise<void> {
  const running = new Set<Promise<void>>();
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  for (const item of items) {
    while (running.size > 0 && (running.size >= limits.count || bytes + item.size > limits.bytes)) {
      await Promise.race(running);
    }
    if (failure !== undefined) break;
    bytes += item.size;
    const one = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        bytes -= item.size;
        running.delete(one);
      });
    running.add(one);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
}

export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Only where nothing has that key yet. */
  readonly onlyIfAbsent?: boolean;
}

/** The sites bucket, as far as releases need it. Raises StageFailed. */
export class SitesBucket {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  async put(object: StoredObject, signal: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: object.key,
      Body: object.body,
      ContentType: object.contentType,
      CacheControl: object.cacheControl,
      Metadata: { ...object.metadata },
      ...(object.onlyIfAbsent === true ? { IfNoneMatch: '*' } : {}),
    });
    try {
      await this.#s3.send(command, { abortSignal: signal });
    } catch (error) {
      if (object.onlyIfAbsent === true && error instanceof Error && error.name === 'PreconditionFailed')
        return;
      throw uploadFailure(error, object.key);
    }
  }

  /** ETag by key of everything below a prefix. */
  async list(prefix: string, signal: AbortSignal): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    let token: string | undefined;
    try {
      do {
        const page = await this.#s3.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          { abortSignal: signal },
        );
        for (const { Key, ETag } of page.Contents ?? []) if (Key !== undefined) found.set(Key, ETag ?? '');
        token = page.NextContinuationToken;
      } while (token !== undefined);
    } catch (error) {
      throw uploadFailure(error, prefix);
    }
    return found;
  }

  /** Keys that are not there count as removed. */
  async remove(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from < keys.length; from += MAX_KEYS_PER_DELETE) {
      const Objects = keys.slice(from, from + MAX_KEYS_PER_DELETE).map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } });
      const answer = await this.#s3.send(command, { abortSignal: signal }).catch((error: unknown) => {
        throw (
          refusalOf(error) ??
          new PlatformUnavailable('Objects of a release cannot be removed.', { cause: error })
        );
      });
      const [first] = answer.Errors ?? [];
      if (first !== undefined) {
        throw new PlatformUnavailable(
          `S3 did not remove ${first.Key ?? 'an object'}: ${first.Code ?? 'no code'}.`,
        );
      }
    }
  }
}

/**
 * The ETag that S3 gives an object put in one piece with S3-managed keys. Where a bucket is encrypted otherwise
 * it differs, and the object is sent again, which is only slower.
 */
export const etagOf = (body: Uint8Array): string => `"${createHash('md5').update(body).digest('hex')}"`;
export const sha256Of = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
