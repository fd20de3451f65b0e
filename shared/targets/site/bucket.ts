import { createHash } from 'node:crypto';
import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { PlatformUnavailable } from '../../errors/requests.ts';
import { refusalOf, uploadFailure } from './aws-errors.ts';

/** S3's limit for one DeleteObjects call. */
const MAX_KEYS_PER_DELETE = 1000;

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
