import { AsyncLocalStorage } from 'node:async_hooks';
import { sumOf, type Units } from '../domain/cost.ts';
import type { Deployment } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

/** What running costs while a piece of work goes on. */
export interface Running {
  readonly clock: Clock;
  /** Memory of the function (GB). */
  readonly gb: number;
  /** Its part of the function's time, where several deployments are worked for side by side; 1 by default. */
  readonly share?: number | undefined;
}

/**
 * What one piece of work spends, and on which deployment. Ambient, since those who spend are the clients of AWS, which
 * a process makes once and which know of no deployment; whoever begins a piece of work opens the account of it.
 */
class Account {
  owner: string | undefined;
  readonly #running: Running | undefined;
  #units: Units = {};
  #since: number;

  constructor(owner: string | undefined, running: Running | undefined) {
    this.owner = owner;
    this.#running = running;
    this.#since = running?.clock.now() ?? 0;
  }

  add(units: Units): void {
    this.#units = sumOf(this.#units, units);
  }

  /** Everything since the last `take`, its running time included. */
  take(): Units {
    const units = sumOf(this.#units, this.#time());
    this.#units = {};
    return units;
  }

  #time(): Units {
    if (this.#running === undefined) return {};
    const { clock, gb, share = 1 } = this.#running;
    const ms = Math.max(0, clock.now() - this.#since);
    this.#since += ms;
    return { lambdaMs: Math.ceil(ms * share), gbSeconds: (ms / 1000) * share * gb };
  }
}

const present = new AsyncLocalStorage<Account>();

/** Counts what was spent, for whoever is at work. Where nobody keeps an account, nothing is counted. */
export function count(units: Units): void {
  present.getStore()?.add(units);
}

/** The work that goes on is done for this deployment: what it spends, and has spent so far, belongs to that. */
export function chargeTo(deploymentId: string): void {
  const account = present.getStore();
  if (account !== undefined) account.owner = deploymentId;
}

/**
 * A deployment was read: the work is for it, unless it is known already for which one. Reading one whose log is closed
 * is nothing that it costs: it has its price.
 */
export function chargeToNoticed(deployment: Deployment): void {
  const account = present.getStore();
  if (account === undefined || account.owner !== undefined) return;
  if (!isTerminal(deployment.status) || deployment.closing) account.owner = deployment.id;
}

/** How a piece of work is counted. */
export interface Accounting {
  /** The deployment that it is done for, where that is known from the beginning. */
  readonly owner?: string | undefined;
  /** Counts its running time too. */
  readonly running?: Running | undefined;
  /** Told afterwards in whose purse the rest was put. */
  readonly charged?: ((deploymentId: string) => Promise<void>) | undefined;
}

/** Does a piece of work with an account of its own. What is left on it goes to the purse of its deployment. */
export async function onAccount<T>(
  { owner, running, charged }: Accounting,
  work: () => Promise<T>,
): Promise<T> {
  const account = new Account(owner, running);
  try {
    return await present.run(account, work);
  } finally {
    const rest = account.take();
    if (account.owner !== undefined) {
      putInPurse(account.owner, rest);
      await charged?.(account.owner);
    }
  }
}

/** Deployments whose rest a process remembers; the oldest is forgotten first. */
const MOST_PURSES = 500;
/** What was spent on deployments and stands nowhere yet; it lasts as long as the process. */
const purses = new BoundedMap<string, Units>(MOST_PURSES);

export function putInPurse(deploymentId: string, units: Units): void {
  const sum = sumOf(purses.get(deploymentId) ?? {}, units);
  if (Object.keys(sum).length === 0) purses.delete(deploymentId);
  else purses.set(deploymentId, sum);
}

/** What is in the purse of a deployment, without taking it. */
export const inPurse = (deploymentId: string): Units => purses.get(deploymentId) ?? {};

/** Takes what is in the purse of a deployment. */
export function emptyPurse(deploymentId: string): Units {
  const units = inPurse(deploymentId);
  purses.delete(deploymentId);
  return units;
}

/**
 * Takes all that was spent on a deployment and stands nowhere yet, for a write that goes with it; one that fails puts
 * it back (putInPurse).
 */
export function spentOn(deploymentId: string): Units {
  const account = present.getStore();
  const rest = emptyPurse(deploymentId);
  return account?.owner === deploymentId ? sumOf(rest, account.take()) : rest;
}

/** As if the process had begun anew. */
export function forgetPurses(): void {
  purses.clear();
}
