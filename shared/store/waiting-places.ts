import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, putItem, queryPage } from './engine.ts';
import { waitingPlaceKey } from './keys.ts';

/**
 * Places for requests that wait. There are so many and no more, so that those who wait, each a running function, never
 * use up what everybody else needs; a lease ends by itself where whoever had it died.
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

/** Takes one of the numbered places 0 to `places - 1`; undefined where all are taken. One write, while there is room. */
export async function takePlace(ctx: StoreContext, places: number): Promise<WaitingPlace | undefined> {
  if (places === 0) return undefined;
  const any = { number: Math.floor(ctx.random.unit() * places), holder: ctx.random.secret(12) };
  if (await taken(ctx, any)) return any;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const free = await freePlaces(ctx, places);
    const number = free[Math.floor(ctx.random.unit() * free.length)];
    if (number === undefined) return undefined;
    const place = { ...any, number };
    if (await taken(ctx, place)) return place;
  }
  return undefined;
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

async function freePlaces(ctx: StoreContext, places: number): Promise<number[]> {
  const { items } = await queryPage(ctx, {
    table: 'live',
    where: { expression: 'pk = :pk', values: { ':pk': waitingPlaceKey(0).pk } },
    consistent: true,
  });
  const now = ctx.clock.now();
  const held = new Set(items.filter((item) => Number(item['until']) > now).map(({ sk }) => sk));
  return Array.from({ length: places }, (_, number) => number).filter(
    (number) => !held.has(waitingPlaceKey(number).sk),
  );
}
