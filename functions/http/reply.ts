import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contracts/problem.ts';
import type { FirstAnswer } from '../../shared/store/idempotency.ts';
import { entityTag, isKnownToCaller, type Tagged } from './entity-tag.ts';
import type { Headers } from './request.ts';
import type { Reply } from './route.ts';

/** On every answer: nothing is guessed from its content, and caches keep only what has an entity tag. */
const COMMON = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

/** What was asked for. A GET of it gets an entity tag. */
export const ok = (body: unknown, tagged: Tagged = {}): Reply => ({ status: 200, body, tagged });
/** The same for what is good for a while only, or not for everybody's disk: links that are signed. */
export const untagged = (body: unknown): Reply => ({ status: 200, body });
export const accepted = (body: unknown, location?: string): Reply => ({
  status: 202,
  body,
  ...(location === undefined ? {} : { headers: { location } }),
});
export const created = (body: unknown, location: string): Reply => ({
  status: 201,
  body,
  headers: { location },
});
export const noContent: Reply = { status: 204 };

/** A reply as it may be kept for repeats; give it to `idempotency.write`. Nothing in `reply.body` may be secret. */
export function asFirstAnswer(reply: Reply): FirstAnswer {
  return { status: reply.status, location: reply.headers?.['location'], body: reply.body ?? null };
}

/** A kept answer, sent again; the header says that it is a repeat. */
export function repeated(answer: FirstAnswer): Reply {
  const headers = { 'idempotency-replayed': 'true' };
  return {
    status: answer.status,
    body: answer.body ?? undefined,
    headers: answer.location === undefined ? headers : { ...headers, location: answer.location },
  };
}

export function render(reply: Reply, method: string, headers: Headers): APIGatewayProxyStructuredResultV2 {
  const { status, raw } = reply;
  const content = raw?.content ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
  const tag = content === undefined ? undefined : tagOf(reply, method, content);
  const cached = tag === undefined ? {} : { etag: tag, 'cache-control': 'private, no-cache' };
  const common = { ...COMMON, ...cached, ...reply.headers };
  if (method === 'GET' && tag !== undefined && isKnownToCaller(headers, tag)) {
    return { statusCode: 304, headers: common };
  }
  if (content === undefined) return { statusCode: status, headers: common };
  const type = raw?.contentType ?? 'application/json';
  return { statusCode: status, headers: { ...common, 'content-type': type }, body: content };
}

/** An answer to a change shows the record as a GET would, where it says of which revision it is. */
function tagOf({ tagged, status }: Reply, method: string, content: string): string | undefined {
  if (tagged === undefined || status !== 200) return undefined;
  return method === 'GET' || tagged.revision !== undefined ? entityTag(tagged, content) : undefined;
}

export function renderProblem(
  problem: Problem,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: problem.status,
    headers: {
      ...COMMON,
      'content-type': 'application/problem+json',
      ...headers,
      'x-correlation-id': problem.correlationId,
    },
    body: JSON.stringify(problem),
  };
}
