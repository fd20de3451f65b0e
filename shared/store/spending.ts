import { priceOf, type Units } from '../domain/cost.ts';
import { PRICES } from '../domain/prices.ts';
import { count, emptyPurse, inPurse, onAccount, putInPurse, type Running } from '../platform/account.ts';
import type { StoreContext } from './context.ts';
import { addToTally, takeTally } from './tally.ts';

/** What Lambda tells a run about its function. */
export interface FunctionFacts {
  /** A number in a string. */
  readonly memoryLimitInMB?: string | number | undefined;
}

/** Memory of a function that does not say (MB); infra's default. */
const MEMORY_MB = 512;

/**
 * A purse goes to the tally when it holds this many times the price of writing it there: so counting adds 2 % at the
 * most to what it counts, and a process that ends takes no more than this ($0.00004) with it.
 */
const WORTH_WRITING = 64 * PRICES.each.writeUnits;

/** How an invocation is counted. */
export interface Invocation {
  readonly facts: FunctionFacts;
  /** What brought it about: a request, a message. */
  readonly given?: Units | undefined;
  /** The deployment it is for, where its payload says so. */
  readonly owner?: string | undefined;
}

/**
 * Runs one invocation of a function on an account: that it runs and for how long, what its clients do, and what brought
 * it about. It belongs to the deployment that the work is charged to (chargeTo), and goes with that deployment's next
 * write by this process; where none comes, in time to its tally. Work for none is not counted.
 */
export function invoked<T>(
  store: StoreContext,
  { facts, given = {}, owner }: Invocation,
  work: () => Promise<T>,
): Promise<T> {
  const begun = { invocations: 1, ...given };
  return onAccount(
    { owner, running: runningOf(store, facts), charged: (id) => emptyFullPurse(store, id) },
    () => {
      count(begun);
      return work();
    },
  );
}

/** A part of an invocation that works for several deployments side by side; `parts`: how many they are. */
export function invokedInPart<T>(
  store: StoreContext,
  { facts, owner }: Pick<Invocation, 'facts'> & { readonly owner: string },
  parts: number,
  work: () => Promise<T>,
): Promise<T> {
  const share = 1 / parts;
  const begun = { invocations: share };
  const running = { ...runningOf(store, facts), share };
  return onAccount({ owner, running, charged: (id) => emptyFullPurse(store, id) }, () => {
    count(begun);
    return work();
  });
}

/** A piece of work for one deployment in an invocation that is not for it: of that only the time it takes counts. */
export const workFor = <T>(
  store: StoreContext,
  { facts, owner }: Pick<Invocation, 'facts'> & { readonly owner: string },
  work: () => Promise<T>,
): Promise<T> =>
  onAccount({ owner, running: runningOf(store, facts), charged: (id) => emptyFullPurse(store, id) }, work);

const runningOf = ({ clock }: StoreContext, { memoryLimitInMB }: FunctionFacts): Running => ({
  clock,
  gb: Number(memoryLimitInMB ?? MEMORY_MB) / 1024,
});

async function emptyFullPurse(store: StoreContext, deploymentId: string): Promise<void> {
  if (priceOf(inPurse(deploymentId)) < WORTH_WRITING) return;
  const units = emptyPurse(deploymentId);
  try {
    // What the writing costs is the next one's.
    await onAccount({ owner: deploymentId }, () => addToTally(store, deploymentId, units));
  } catch {
    // Counting is worth no failure: it goes with the next write, or with the process.
    putInPurse(deploymentId, units);
  }
}

/** Has the next write of a deployment's record take along what other functions have spent. Never fails. */
export async function collectTally(store: StoreContext, deploymentId: string): Promise<void> {
  try {
    putInPurse(deploymentId, await takeTally(store, deploymentId));
  } catch {
    // Not counted, then: what it is counted for goes on.
  }
}
