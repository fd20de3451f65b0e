import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { SignedRequest } from './objects.ts';

/** The object that somebody without credentials may put, to the byte. */
export interface ExactPut {
  readonly key: string;
  readonly contentType: string;
  /** Hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

const CHECKSUM = 'x-amz-checksum-sha256';

/**
 * Digest, size and type are part of the signature, and the store compares what arrives with them: other bytes cannot
 * be put under it.
 * @param seconds how long a put may begin (at most seven days, and as long as the signer's own credentials)
 * @param signedAt ms; the same moment gives the same URL while credentials are the same
 */
export async function signExactPut(
  client: S3Client,
  bucket: string,
  put: ExactPut,
  { seconds, signedAt }: { readonly seconds: number; readonly signedAt?: number },
): Promise<SignedRequest> {
  const checksum = Buffer.from(put.sha256, 'hex').toString('base64');
  const url = await getSignedUrl(
    client,
    new PutObjectCommand({
      Bucket: bucket,
      Key: put.key,
      ContentType: put.contentType,
      ContentLength: put.size,
      ChecksumSHA256: checksum,
    }),
    {
      expiresIn: seconds,
      ...(signedAt === undefined ? {} : { signingDate: new Date(signedAt) }),
      unhoistableHeaders: new Set([CHECKSUM]),
      signableHeaders: new Set(['host', 'content-type', 'content-length', CHECKSUM]),
    },
  );
  return {
    url,
    headers: {
      'content-type': put.contentType,
      'content-length': String(put.size),
      [CHECKSUM]: checksum,
    },
  };
}
