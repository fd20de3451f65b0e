import type { RunnerView } from '../contracts/tokens.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_EXIST, MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, queryPage, updateItem, type Write } from './engine.ts';
import { allRunners, byTime, runnerKey } from './keys.ts';
import { INDEX, SUMMARY } from './tables.ts';

/** A program that clones and builds, and the token it does so with. */
export type Runner = RunnerView;

/** `lastSeen` is exact to this many milliseconds; a runner that asks more often costs no more writes. */
const SEEN_EVERY_MS = 60_000;

/** Only the functions below write these items, from a Runner. */
const runnerFrom = (item: Item): Runner => item[SUMMARY] as Runner;

export const createRunner = (runner: Runner): Write => ({
  put: {
    ...runnerKey(runner.id),
    kind: 'runner',
    v: 1,
    [INDEX.all.partition]: allRunners,
    [INDEX.all.sort]: byTime(runner.createdAt, runner.id),
    [SUMMARY]: runner,
  },
  condition: MUST_NOT_EXIST,
});

export const deleteRunner = (id: string): Write => ({ deleteKey: runnerKey(id), condition: MUST_EXIST });

export async function getRunner(ctx: StoreContext, id: string): Promise<Runner | undefined> {
  const item = await getItem(ctx, runnerKey(id));
  return item === undefined ? undefined : runnerFrom(item);
}

/** Notes that a runner asked for work; called at every claim, written at most once a minute. */
export async function runnerSeen(ctx: StoreContext, id: string): Promise<void> {
  const now = ctx.clock.now();
  try {
    await updateItem(ctx, runnerKey(id), {
      expression: 'attribute_exists(pk) AND (attribute_not_exists(#row.#seen) OR #row.#seen < :before)',
      update: 'SET #row.#seen = :now',
      names: { '#row': SUMMARY, '#seen': 'lastSeen' },
      values: { ':now': isoTime(now), ':before': isoTime(now - SEEN_EVERY_MS) },
    });
  } catch (error) {
    // Seen within the minute, or deleted: nothing to note.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

export interface RunnerPage {
  readonly items: readonly Runner[];
  readonly next?: Item | undefined;
}

/** All runners by creation: one query. */
export async function listRunners(
  ctx: StoreContext,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined },
): Promise<RunnerPage> {
  const page = await queryPage(ctx, {
    index: INDEX.all.name,
    where: { expression: 'g0pk = :runners', values: { ':runners': allRunners } },
    ...options,
  });
  return { items: page.items.map(runnerFrom), next: page.next };
}
