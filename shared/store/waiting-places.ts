import { createHash } from 'node:crypto';
import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, putItem, queryPage } from './engine.ts';
import { waitingPlaceKey } from './keys.ts';

/**
 * Places for requests that wait. There are so many and no more, so that those who wait, each a running function, never
 * use up what everybody else needs; a lease ends by itself where whoever had it died. Nobody may take them all: whoever
 * asks, with however many tokens, has a quarter of the numbers open to him, and somebody else mostly other ones.
 */
export interface WaitingPlace {
  readonly number: number;
  /** Random: only who took the place leaves it. */
  readonly holder: string;
}

/** Longer than the longest wait and what comes around it. */
const LEASE_MS = 30_000;
/** Others may take a place that was seen free. */
const TRIES = 3;
/** A subject has one of so many parts of the places. */
const SHARE = 4;

/**
 * Takes one of the numbered places 0 to `places - 1` for this subject; undefined where all of its own are taken. One
 * write, while there is room.
 */
export async function takePlace(
  ctx: StoreContext,
  places: number,
  subject: string,
): Promise<WaitingPlace | undefined> {
  const own = numbersOf(subject, places);
  const holder = ctx.random.secret(12);
  const oneOf = async (numbers: readonly number[]) => {
    const number = numbers[Math.floor(ctx.random.unit() * numbers.length)];
    if (number === undefined) return undefined;
    const place = { number, holder };
    return { place, isTaken: await taken(ctx, place) };
  };
  for (let tries = 0; tries <= TRIES; tries += 1) {
    const one = await oneOf(tries === 0 ? own : await freeOf(ctx, own));
    if (one === undefined || one.isTaken) return one?.place;
  }
  return undefined;
}

/** A quarter of all places, those that the subject's name is hashed to: nobody has to count who waits where. */
export function numbersOf(subject: string, places: number): number[] {
  const rank = (number: number) => createHash('sha256').update(`${number} ${subject}`).digest('hex');
  return Array.from({ length: places }, (_, number) => ({ number, rank: rank(number) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, Math.ceil(places / SHARE))
    .map(({ number }) => number);
}

/** Gives the place to the next. Where its lease has ended somebody else may have it, and keeps it. */
export async function leavePlace(ctx: StoreContext, { number, holder }: WaitingPlace): Promise<void> {
  const mine = { expression: 'holder = :holder', values: { ':holder': holder } };
  try {
    await deleteItem(ctx, waitingPlaceKey(number), mine, 'live');
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

async function taken(ctx: StoreContext, { number, holder }: WaitingPlace): Promise<boolean> {
  const now = ctx.clock.now();
  const until = now + LEASE_MS;
  const item = { ...waitingPlaceKey(number), kind: 'waiting-place', v: 1, holder, until };
  const free = {
    expression: 'attribute_not_exists(pk) OR #until <= :now',
    names: { '#until': 'until' },
    values: { ':now': now },
  };
  try {
    await putItem(ctx, { ...item, expiresAt: Math.ceil(until / 1000) }, free, 'live');
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

async function freeOf(ctx: StoreContext, numbers: readonly number[]): Promise<number[]> {
  const { items } = await queryPage(ctx, {
    table: 'live',
    where: { expression: 'pk = :pk', values: { ':pk': waitingPlaceKey(0).pk } },
    consistent: true,
  });
  const now = ctx.clock.now();
  const held = new Set(items.filter((item) => Number(item['until']) > now).map(({ sk }) => sk));
  return numbers.filter((number) => !held.has(waitingPlaceKey(number).sk));
}
