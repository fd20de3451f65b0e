import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientOptions } from './aws.ts';
import { isoTime } from './clock.ts';
import { type Objects, objectsOf } from './objects.ts';
import { removePrefix } from './secrets.ts';

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

export function artifactsIn(bucket: string, client = new S3Client(clientOptions())): Artifacts {
  return {
    objects: objectsOf(bucket, client),
    signUpload: ({ key, sha256, size, signedAt }) => signUpload(client, bucket, key, sha256, size, signedAt),
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

const CHECKSUM = 'x-amz-checksum-sha256';

/** Digest, size and type are part of the signature: other bytes cannot be put under it. */
async function signUpload(
  client: S3Client,
  bucket: string,
  key: string,
  sha256: string,
  size: number,
  signedAt: number,
): Promise<SignedUpload> {
  const checksum = Buffer.from(sha256, 'hex').toString('base64');
  const url = await getSignedUrl(
    client,
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      ContentType: 'application/zip',
      ContentLength: size,
      ChecksumSHA256: checksum,
    }),
    {
      expiresIn: UPLOAD_SECONDS,
      signingDate: new Date(signedAt),
      unhoistableHeaders: new Set([CHECKSUM]),
      signableHeaders: new Set(['host', 'content-type', 'content-length', CHECKSUM]),
    },
  );
  return {
    url,
    headers: { 'content-type': 'application/zip', 'content-length': String(size), [CHECKSUM]: checksum },
    expiresAt: isoTime(signedAt + UPLOAD_SECONDS * 1000),
  };
}
