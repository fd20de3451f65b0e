import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../../shared/contracts/problem.ts';
import { Conflict } from '../../shared/errors/requests.ts';
import type { FirstAnswer } from '../../shared/store/idempotency.ts';
import type { Headers } from './request.ts';
import type { Reply } from './route.ts';

/** On every answer: nothing is guessed from its content, and caches keep only what has an entity tag. */
const COMMON = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export const ok = (body: unknown, etag?: string): Reply => ({ status: 200, body, etag });
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

/** The entity tag of a record in its present revision. */
export const etagOf = (revision: number): string => `"r${revision}"`;

/** Does If-None-Match name this tag? Weak comparison, as for GET. */
export function isKnownToCaller(headers: Headers, etag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  const tags = given.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/**
 * Holds a change against If-Match, where the caller sent it.
 * @throws Conflict INVALID_STATE where the record is in another revision than the caller has seen.
 */
export function checkIfMatch(headers: Headers, revision: number): void {
  const given = headers['if-match'];
  if (given === undefined || given.trim() === '*') return;
  if (given.split(',').some((tag) => tag.trim() === etagOf(revision))) return;
  throw new Conflict('INVALID_STATE', 'The record has changed since you read it.', {
    field: '/If-Match',
    suggestion: 'Read it again and apply your change to what it is now.',
    facts: { revision },
  });
}

export function render(reply: Reply, method: string, headers: Headers): APIGatewayProxyStructuredResultV2 {
  const etag: Record<string, string> =
    reply.etag === undefined ? {} : { etag: reply.etag, 'cache-control': 'private, no-cache' };
  const common = { ...COMMON, ...etag, ...reply.headers };
  if (method === 'GET' && reply.etag !== undefined && isKnownToCaller(headers, reply.etag)) {
    return { statusCode: 304, headers: common };
  }
  if (reply.raw !== undefined) {
    return {
      statusCode: reply.status,
      headers: { ...common, 'content-type': reply.raw.contentType },
      body: reply.raw.content,
    };
  }
  if (reply.body === undefined) return { statusCode: reply.status, headers: common };
  return {
    statusCode: reply.status,
    headers: { ...common, 'content-type': 'application/json' },
    body: JSON.stringify(reply.body),
  };
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
