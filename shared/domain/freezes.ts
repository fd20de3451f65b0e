import type { EnvironmentType } from './environment.ts';
import type { Recurrence, Stretch } from './recurrence.ts';

/** A time in which what is due is held. Without a rule it is one stretch, with one the first of many. */
export interface Freeze {
  readonly id: string;
  readonly scope: FreezeScope;
  readonly from: string;
  readonly to: string;
  readonly rrule?: string | undefined;
  readonly timezone: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** What is absent limits nothing: a freeze with an empty scope holds everything. */
export interface FreezeScope {
  readonly projectId?: string | undefined;
  readonly environmentTypes?: readonly EnvironmentType[] | undefined;
}

/** What a freeze is held against. */
export interface FreezePlace {
  readonly projectId: string;
  readonly environmentType: EnvironmentType;
}

/** What holds a deployment now. */
export interface Hold {
  readonly freeze: Freeze;
  /** Moment (ms) at which this occurrence ends. */
  readonly until: number;
}

const covers = ({ scope }: Freeze, place: FreezePlace): boolean =>
  (scope.projectId === undefined || scope.projectId === place.projectId) &&
  (scope.environmentTypes === undefined || scope.environmentTypes.includes(place.environmentType));

/**
 * The freeze that holds a deployment at this place and moment (ms): of several, the one that ends last.
 * @param overridden ids of freezes that somebody lifted for this deployment
 */
export async function holdAt(
  freezes: readonly Freeze[],
  place: FreezePlace,
  now: number,
  overridden: readonly string[] = [],
): Promise<Hold | undefined> {
  let found: Hold | undefined;
  for (const freeze of freezes) {
    if (!covers(freeze, place) || overridden.includes(freeze.id)) continue;
    const stretch = await stretchAt(freeze, now);
    if (stretch !== undefined && stretch.to > (found?.until ?? 0)) found = { freeze, until: stretch.to };
  }
  return found;
}

/** When a freeze holds next, or now; undefined where its time is over for good. */
export async function nextStretch(freeze: Freeze, now: number): Promise<Stretch | undefined> {
  const present = await stretchAt(freeze, now);
  if (present !== undefined) return present;
  const once = onceOf(freeze);
  if (freeze.rrule === undefined) return once.from > now ? once : undefined;
  const { occurrenceAfter } = await import('./recurrence.ts');
  return occurrenceAfter(recurrenceOf(freeze, freeze.rrule), now);
}

async function stretchAt(freeze: Freeze, now: number): Promise<Stretch | undefined> {
  if (freeze.rrule === undefined) {
    const once = onceOf(freeze);
    return once.from <= now && now < once.to ? once : undefined;
  }
  // A library that most deployments never need: loaded where a freeze recurs.
  const { occurrenceAt } = await import('./recurrence.ts');
  return occurrenceAt(recurrenceOf(freeze, freeze.rrule), now);
}

const onceOf = ({ from, to }: Freeze): Stretch => ({ from: Date.parse(from), to: Date.parse(to) });

const recurrenceOf = ({ from, to, timezone }: Freeze, rrule: string): Recurrence => ({
  from,
  to,
  rrule,
  timezone,
});
