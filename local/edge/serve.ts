import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { answerMiss, type MissStore } from '../../shared/targets/site/miss.ts';
import { compress, encodingFor } from './compress.ts';
import { toEvent } from './event.ts';
import { askOrigin, type OriginAnswer } from './origin.ts';
import type { EdgeEvent, EdgeRequest, EdgeResponse, ViewerFunction } from './viewer-function.ts';

/** Everything behind one site's port. */
export interface Behind {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly misses: MissStore;
  readonly viewerRequest: ViewerFunction<EdgeRequest | EdgeResponse>;
  readonly viewerResponse: ViewerFunction<EdgeResponse>;
}

/**
 * One request as CloudFront would take it: viewer-request function, bucket, the miss answer where the bucket has
 * nothing, viewer-response function (for answers below 400 only), compression.
 */
export async function serve(
  behind: Behind,
  host: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') {
    outgoing.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const asked = toEvent(incoming, host);
  const context = { requestId: randomUUID() };
  const decided = await behind.viewerRequest({ context, request: asked });
  if ('statusCode' in decided) return sendGenerated(decided, outgoing);

  let answer = await askOrigin(behind.s3, behind.bucket, {
    method: decided.method,
    uri: decided.uri,
    headers: incoming.headers,
  });
  if (answer.status === 404) answer = await missed(behind, decided.uri);
  if (answer.status < 400) answer = await shown(behind, { context, request: decided }, answer);
  await send(answer, incoming, outgoing);
}

async function missed(behind: Behind, uri: string): Promise<OriginAnswer> {
  const { status, headers, body } = await answerMiss(uri, behind.misses);
  return {
    status,
    headers: { ...headers, 'content-length': String(body.byteLength) },
    body: Readable.from([body]),
  };
}

async function shown(behind: Behind, event: EdgeEvent, answer: OriginAnswer): Promise<OriginAnswer> {
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, { value }]),
  );
  const response = await behind.viewerResponse({
    ...event,
    response: { statusCode: answer.status, headers, cookies: {} },
  });
  const flat = Object.entries(response.headers).map(([name, { value }]) => [name, value]);
  return {
    ...answer,
    status: response.statusCode,
    headers: Object.fromEntries(flat),
    cookies: cookiesOf(response),
  };
}

async function send(
  answer: OriginAnswer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const headers = { ...answer.headers };
  const encoding = encodingFor(incoming.headers['accept-encoding'], answer.status, headers);
  if (encoding !== undefined) {
    delete headers['content-length'];
    delete headers['accept-ranges'];
    headers['content-encoding'] = encoding;
    if (headers['etag'] !== undefined) headers['etag'] = `W/${headers['etag']}`;
  }
  if (headers['content-type'] !== undefined) headers['vary'] = 'accept-encoding';
  if (answer.cookies !== undefined && answer.cookies.length > 0)
    outgoing.setHeader('set-cookie', [...answer.cookies]);
  outgoing.writeHead(answer.status, headers);
  if (answer.body === undefined || incoming.method === 'HEAD') {
    answer.body?.destroy();
    outgoing.end();
    return;
  }
  await pipeline(encoding === undefined ? answer.body : compress(answer.body, encoding), outgoing);
}

/** Sites are plain HTTP here, where a browser keeps no Secure cookie. */
const cookiesOf = ({ cookies = {} }: EdgeResponse): string[] =>
  Object.entries(cookies).map(
    ([name, { value, attributes = '' }]) => `${name}=${value}; ${attributes.replace(' Secure;', '')}`,
  );

/** An answer that the viewer-request function gave itself. */
function sendGenerated(response: EdgeResponse, outgoing: ServerResponse): void {
  for (const [name, { value }] of Object.entries(response.headers)) outgoing.setHeader(name, value);
  const cookies = cookiesOf(response);
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  outgoing.writeHead(response.statusCode).end(response.body?.data);
}
