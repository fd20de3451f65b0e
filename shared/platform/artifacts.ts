import { HeadObjectCommand, NotFound, S3Client } from '@aws-sdk/client-s3';
import { clientOptions, metered } from './aws.ts';
import { isoTime } from './clock.ts';
import { type Objects, objectsOf } from './objects.ts';
import { removePrefix } from './secrets.ts';
import { signExactPut } from './sign-put.ts';

/** An upload is possible for this long after the version was created, in seconds. */
export const UPLOAD_SECONDS = 3600;

export interface UploadRequest {
  readonly key: string;
  /** Hex; the store refuses other bytes. */
  readonly sha256: string;
  /** Bytes; part of the signature. */
  readonly size: number;
  /** ms; the signature is dated with it, so that signing again gives the same URL while credentials are the same. */
  readonly signedAt: number;
}

export interface SignedUpload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

export interface StoredObject {
  readonly size: number;
  /** SHA-256 in hex as the store computed it on arrival; absent where it keeps none. */
  readonly sha256?: string | undefined;
}

/** Uploaded artifacts: signed uploads, and what arrived. */
export interface Artifacts {
  signUpload(request: UploadRequest): Promise<SignedUpload>;
  stored(key: string): Promise<StoredObject | undefined>;
  readonly objects: Objects;
  /** Removes all artifacts that were uploaded for a project. */
  removeAll(projectId: string): Promise<void>;
}

export function artifactsIn(bucket: string, client = metered(new S3Client(clientOptions()))): Artifacts {
  return {
    objects: objectsOf(bucket, client),
    signUpload: (request) => signUpload(client, bucket, request),
    stored: async (key) => {
      try {
        const answer = await client.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
        );
        const sha256 = answer.ChecksumSHA256;
        return {
          size: answer.ContentLength ?? 0,
          ...(sha256 === undefined ? {} : { sha256: Buffer.from(sha256, 'base64').toString('hex') }),
        };
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw error;
      }
    },
    removeAll: (projectId) => removePrefix(client, bucket, `uploads/${projectId}/`),
  };
}

async function signUpload(
  client: S3Client,
  bucket: string,
  { key, sha256, size, signedAt }: UploadRequest,
): Promise<SignedUpload> {
  const put = { key, sha256, size, contentType: 'application/zip' };
  const signed = await signExactPut(client, bucket, put, { seconds: UPLOAD_SECONDS, signedAt });
  return { ...signed, expiresAt: isoTime(signedAt + UPLOAD_SECONDS * 1000) };
}
