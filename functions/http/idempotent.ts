import { ValidationFailed } from '../../shared/errors/requests.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { transact } from '../../shared/store/engine.ts';
import {
  answerWrite,
  type FirstAnswer,
  findAnswer,
  hashBody,
  type IdempotencyScope,
} from '../../shared/store/idempotency.ts';
import { asFirstAnswer, repeated } from './reply.ts';
import type { Headers } from './request.ts';
import type { IdempotencyWrite, Reply } from './route.ts';

const MAX_KEY = 255;

export interface RepeatableRequest {
  readonly store: StoreContext;
  readonly headers: Headers;
  readonly subject: string;
  /** Method and actual path. */
  readonly route: string;
  readonly body: unknown;
  /** Completes a kept answer with what must not be kept. */
  readonly renew: (answer: FirstAnswer) => Promise<FirstAnswer>;
}

/**
 * Runs a POST so that repeats with the same Idempotency-Key and body get the first answer, also when they
 * arrive at once: the record is part of the creating transaction, so one request wins it, and every other
 * one, whatever it failed with, finds the winner's answer when it looks again. Work that is safe to repeat and not
 * one transaction has its answer kept afterwards, and the first kept one counts.
 */
export async function repeatable(
  request: RepeatableRequest,
  handle: (idempotency: IdempotencyWrite | undefined) => Promise<Reply>,
): Promise<Reply> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return handle(undefined);
  const scope = scopeOf(request, key);
  const earlier = () => earlierReply(request, scope);
  const first = await earlier();
  if (first !== undefined) return first;

  let written = false;
  const idempotency: IdempotencyWrite = {
    write: (answer, id) => {
      written = true;
      return answerWrite(scope, answer, id);
    },
  };
  try {
    const reply = await handle(idempotency);
    if (!written) await transact(request.store, [answerWrite(scope, asFirstAnswer(reply))]);
    return reply;
  } catch (error) {
    const winner = await earlier();
    if (winner !== undefined) return winner;
    throw error;
  }
}

async function earlierReply(request: RepeatableRequest, scope: IdempotencyScope): Promise<Reply | undefined> {
  const answer = await findAnswer(request.store, scope);
  return answer === undefined ? undefined : repeated(await request.renew(answer));
}

function scopeOf(request: RepeatableRequest, key: string): IdempotencyScope {
  if (key.length < 1 || key.length > MAX_KEY) {
    const code = key === '' ? 'TOO_SMALL' : 'TOO_BIG';
    throw new ValidationFailed([
      { field: '/Idempotency-Key', message: `must have 1-${MAX_KEY} characters`, code },
    ]);
  }
  return {
    subject: request.subject,
    route: request.route,
    key,
    bodyHash: hashBody(request.body),
    at: request.store.clock.now(),
  };
}
