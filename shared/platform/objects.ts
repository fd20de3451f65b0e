import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientOptions, metered } from './aws.ts';
import { type ExactPut, signExactPut } from './sign-put.ts';

/** Bytes `from` up to and including `to`, counted from 0, or so many of the last ones (all, where there are fewer). */
export type ByteRange = { readonly from: number; readonly to: number } | { readonly last: number };

/** A request that somebody without credentials may make once it is signed. */
export interface SignedRequest {
  readonly url: string;
  /** Part of the signature: must be sent exactly so. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface WriteOptions {
  readonly contentType: string;
  /** `gzip`: whoever fetches it by HTTP unpacks it on the way. */
  readonly contentEncoding?: string | undefined;
}

/** The objects of one bucket. */
export interface Objects {
  /** Size in bytes; undefined where there is no such object. */
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /** The object, or a part of it; undefined where there is no such object. */
  read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Puts the object whole; what stood there is replaced. */
  write(key: string, bytes: Uint8Array, options: WriteOptions): Promise<void>;
  /** What is not there is removed already. */
  remove(key: string): Promise<void>;
  /** A PUT of exactly these bytes; see signExactPut. */
  signPut(put: ExactPut, options: { readonly seconds: number }): Promise<SignedRequest>;
  signGet(key: string, options: { readonly seconds: number }): Promise<string>;
}

/** The longest that a signature may be good for (limit of Signature Version 4). */
const MAX_SIGNED_SECONDS = 7 * 24 * 60 * 60;

export function objectsOf(bucket: string, client = metered(new S3Client(clientOptions()))): Objects {
  return {
    size: async (Key, signal) => {
      try {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }), aborting(signal));
        return answer.ContentLength ?? 0;
      } catch (error) {
        return absent(error);
      }
    },
    read: async (Key, range, signal) => {
      const Range = range === undefined ? undefined : `bytes=${boundsOf(range)}`;
      try {
        const answer = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key, Range }),
          aborting(signal),
        );
        return await answer.Body?.transformToByteArray();
      } catch (error) {
        if (range !== undefined && 'last' in range && isEmpty(error)) return new Uint8Array();
        return absent(error);
      }
    },
    write: async (Key, Body, { contentType, contentEncoding }) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key,
          Body,
          ContentType: contentType,
          ContentEncoding: contentEncoding,
        }),
      );
    },
    remove: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    },
    signPut: (put, { seconds }) =>
      signExactPut(client, bucket, put, { seconds: Math.min(seconds, MAX_SIGNED_SECONDS) }),
    signGet: (Key, { seconds }) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key }), {
        expiresIn: Math.min(seconds, MAX_SIGNED_SECONDS),
      }),
  };
}

/** As HTTP writes them (RFC 9110, 14.1.2). */
const boundsOf = (range: ByteRange) => ('last' in range ? `-${range.last}` : `${range.from}-${range.to}`);

const aborting = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { abortSignal: signal });

/** S3 has no last bytes of an object that has none: 416. */
const isEmpty = (error: unknown) => error instanceof S3ServiceException && error.name === 'InvalidRange';

function absent(error: unknown): undefined {
  if (error instanceof NoSuchKey || error instanceof NotFound) return undefined;
  throw error;
}
