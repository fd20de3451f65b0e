import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { canonicalJson } from '../domain/canonical-json.ts';
import { Refused } from '../errors/requests.ts';
import type { StoreContext } from './context.ts';
import { type Condition, getItem, type Write } from './engine.ts';
import { idempotencyKey } from './keys.ts';

/** How long an answer is kept, in seconds (api.md: 24 h). */
export const IDEMPOTENCY_SECONDS = 24 * 3600;

/** What makes two requests the same request. `at` (ms) is the one moment both condition and re-read compare with. */
export interface IdempotencyScope {
  readonly subject: string;
  /** Method and path with its ids: the same key for another project is another request. */
  readonly route: string;
  readonly key: string;
  /** `hashBody` of the parsed body. */
  readonly bodyHash: string;
  readonly at: number;
}

/** The answer that every repeat gets. Never holds a secret: it is stored. */
export interface FirstAnswer {
  readonly status: number;
  readonly location?: string | undefined;
  readonly body: unknown;
}

const ABSENT_OR_EXPIRED = 'attribute_not_exists(pk) OR expiresAt <= :now';
const absentOrExpired = (at: number): Condition => ({
  expression: ABSENT_OR_EXPIRED,
  values: { ':now': Math.floor(at / 1000) },
});

const keyOf = ({ subject, route, key }: IdempotencyScope) =>
  idempotencyKey(subject, route, createHash('sha256').update(key).digest('hex'));

/**
 * The record of a first answer, to be part of the transaction that creates what the answer tells of.
 * Its condition fails where another request with this key was first; `findAnswer` then has its answer.
 */
export function answerWrite(scope: IdempotencyScope, answer: FirstAnswer, id?: string): Write {
  return {
    put: {
      ...keyOf(scope),
      kind: 'idempotency',
      v: 2,
      bodyHash: scope.bodyHash,
      id,
      status: answer.status,
      location: answer.location,
      body: packed(answer.body),
      expiresAt: Math.floor(scope.at / 1000) + IDEMPOTENCY_SECONDS,
    },
    condition: absentOrExpired(scope.at),
  };
}

/**
 * The first answer to this key, read strongly; undefined where there is none or it has expired
 * (DynamoDB removes expired items days late, so the time is compared here as in the condition).
 * @throws Refused IDEMPOTENCY_MISMATCH where the key came with another body.
 */
export async function findAnswer(
  ctx: StoreContext,
  scope: IdempotencyScope,
): Promise<FirstAnswer | undefined> {
  const item = await getItem(ctx, keyOf(scope));
  if (item === undefined || Number(item['expiresAt']) <= Math.floor(scope.at / 1000)) return undefined;
  if (item['bodyHash'] !== scope.bodyHash) {
    throw new Refused('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.', {
      field: '/Idempotency-Key',
      suggestion: 'Send a new key with a new request, or the first body with this key.',
    });
  }
  const location = item['location'];
  return {
    status: Number(item['status']),
    body: unpackedBody(item['body']),
    ...(typeof location === 'string' ? { location } : {}),
  };
}

/** Compressed: an answer is some kilobytes, and each begun one is paid twice in a transaction. */
const packed = (body: unknown): Uint8Array => deflateRawSync(JSON.stringify(body));

/** Up to version 1 it was stored as text. */
export function unpackedBody(stored: unknown): unknown {
  const text = stored instanceof Uint8Array ? inflateRawSync(stored).toString('utf8') : String(stored);
  return JSON.parse(text);
}

/** SHA-256 of a JSON value in which the order of keys does not matter. */
export function hashBody(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}
