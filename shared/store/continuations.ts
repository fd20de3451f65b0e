import { createHash } from 'node:crypto';
import type { Actor } from '../domain/access.ts';
import { Unauthenticated } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { type Condition, getItem, type Item, putItem } from './engine.ts';
import { continuationKey } from './keys.ts';

/**
 * What lets a stream of events go on that was opened by a ticket: good for one topic and the ticket's actor, and as
 * often as it has to be, since the answer that would bring the next one may get lost. So long it lasts, and after so
 * long it is followed by the next (ms); each use of that ends the one before.
 */
const LASTS_MS = 15 * 60_000;
const FOLLOWED_AFTER_MS = 5 * 60_000;
export const CONTINUATION = 'slc_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{43}';
const FORM = /^slc_([A-Za-z0-9_-]{22})_([A-Za-z0-9_-]{43})$/;
const STREAM_BYTES = 16;
const SECRET_BYTES = 32;

export interface Continued {
  readonly actor: Actor;
  /** What to go on by: the same one, or the one that follows it. */
  readonly continuation: string;
}

/** Of one stream; secrets as their hashes. `before` is good until `current` has come back. */
interface Stream {
  readonly actor: Actor;
  readonly topic: string;
  readonly current: string;
  readonly before?: string | undefined;
  /** ms since the epoch */
  readonly until: number;
}

/** The first continuation of a stream: one write. */
export async function beginStream(ctx: StoreContext, actor: Actor, topic: string): Promise<string> {
  const id = ctx.random.secret(STREAM_BYTES);
  const secret = ctx.random.secret(SECRET_BYTES);
  const until = ctx.clock.now() + LASTS_MS;
  await put(ctx, id, { actor, topic, current: hashOf(secret), until }, MUST_NOT_EXIST);
  return textOf(id, secret);
}

/**
 * Whose stream of this topic the continuation belongs to, and what follows it: one read, and a write now and then.
 * @throws Unauthenticated where it is unknown, of another topic, followed by one that was used, or too old
 */
export async function continueStream(
  ctx: StoreContext,
  continuation: string,
  topic: string,
): Promise<Continued> {
  const [, id = '', secret = ''] = FORM.exec(continuation) ?? [];
  const now = ctx.clock.now();
  const item = id === '' ? undefined : await getItem(ctx, continuationKey(id), { table: 'live' });
  const stream = item === undefined ? undefined : streamOf(item);
  const given = hashOf(secret);
  if (
    stream === undefined ||
    stream.topic !== topic ||
    stream.until <= now ||
    (given !== stream.current && given !== stream.before)
  ) {
    throw new Unauthenticated(
      'This stream of events cannot go on: it was left for too long, or went on elsewhere.',
      {
        suggestion:
          'Open a new one with a new ticket (POST /v1/realtime/tickets), behind the last line you have.',
      },
    );
  }
  const { actor } = stream;
  const isDue = stream.until - now <= LASTS_MS - FOLLOWED_AFTER_MS;
  if (given === stream.current && !isDue) {
    if (stream.before !== undefined) await replace(ctx, id, stream, { ...stream, before: undefined });
    return { actor, continuation };
  }
  const next = ctx.random.secret(SECRET_BYTES);
  const followed = { ...stream, current: hashOf(next), before: given, until: now + LASTS_MS };
  const isNext = await replace(ctx, id, stream, followed);
  return { actor, continuation: isNext ? textOf(id, next) : continuation };
}

/** False where somebody else was quicker. */
async function replace(ctx: StoreContext, id: string, seen: Stream, next: Stream): Promise<boolean> {
  const condition = {
    expression: '#current = :seen',
    names: { '#current': 'current' },
    values: { ':seen': seen.current },
  };
  try {
    await put(ctx, id, next, condition);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

async function put(ctx: StoreContext, id: string, stream: Stream, condition: Condition): Promise<void> {
  const expiresAt = Math.ceil(stream.until / 1000);
  await putItem(
    ctx,
    { ...continuationKey(id), kind: 'stream', v: 1, ...stream, expiresAt },
    condition,
    'live',
  );
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const textOf = (id: string, secret: string) => `slc_${id}_${secret}`;

/** Written here only. */
const streamOf = (item: Item) => item as unknown as Stream;
