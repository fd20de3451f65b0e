import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** What the bucket answers, in the words of HTTP. */
export interface OriginAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: Readable | undefined;
  /** Set by the viewer-response function. */
  readonly cookies?: readonly string[] | undefined;
}

const ORIGIN_MS = 30_000;

/**
 * Asks the sites bucket for the key that an address became. Range and conditions go through to S3. Anything
 * but «not there» and the answers that conditions ask for is thrown.
 */
export async function askOrigin(
  s3: S3Client,
  bucket: string,
  request: { readonly method: string; readonly uri: string; readonly headers: IncomingHttpHeaders },
): Promise<OriginAnswer> {
  const { range, 'if-none-match': ifNoneMatch, 'if-modified-since': ifModifiedSince } = request.headers;
  const since = ifModifiedSince === undefined ? Number.NaN : Date.parse(ifModifiedSince);
  const input = {
    Bucket: bucket,
    Key: decodeURIComponent(request.uri.slice(1)),
    ...(range === undefined ? {} : { Range: range }),
    // Compressed answers carry a weak form of the object's tag.
    ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch.replaceAll('W/', '') }),
    ...(Number.isNaN(since) || ifNoneMatch !== undefined ? {} : { IfModifiedSince: new Date(since) }),
  };
  const abortSignal = AbortSignal.timeout(ORIGIN_MS);
  try {
    if (request.method === 'HEAD')
      return describe(await s3.send(new HeadObjectCommand(input), { abortSignal }));
    const answer = await s3.send(new GetObjectCommand(input), { abortSignal });
    // In Node the SDK's body is a Readable; its type covers browsers as well.
    return { ...describe(answer), body: answer.Body as Readable | undefined };
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return { status, headers: {} };
  }
}

interface ObjectFacts {
  readonly $metadata: { readonly httpStatusCode?: number | undefined };
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
  readonly AcceptRanges?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

function describe(object: ObjectFacts): OriginAnswer {
  const headers: Record<string, string | undefined> = {
    'content-type': object.ContentType,
    'cache-control': object.CacheControl,
    'content-length': object.ContentLength?.toString(),
    'content-range': object.ContentRange,
    'accept-ranges': object.AcceptRanges ?? 'bytes',
    etag: object.ETag,
    'last-modified': object.LastModified?.toUTCString(),
  };
  for (const [name, value] of Object.entries(object.Metadata ?? {})) headers[`x-amz-meta-${name}`] = value;
  const present = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return { status: object.$metadata.httpStatusCode ?? 200, headers: Object.fromEntries(present) };
}

/** The statuses that are answers rather than faults. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // The SDK puts `$metadata` on every error that came with an HTTP answer.
  const status = (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
  return status === 304 || status === 404 || status === 412 || status === 416 ? status : undefined;
}
