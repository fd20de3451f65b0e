import type { Call } from './seam.ts';

export const FAULT_KINDS = [
  'error-before',
  'error-after',
  'timeout-after',
  'late',
  'slow',
  'throttle',
  'condition-failed',
  'transaction-conflict',
  'duplicate',
  'death-before',
  'death-after',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A call as the enumeration names it: the n-th (from 1) of its name in a run without faults. */
export interface Site {
  readonly name: string;
  readonly n: number;
  readonly kinds: readonly FaultKind[];
}

export interface Fault {
  readonly site: string;
  readonly n: number;
  readonly kind: FaultKind;
  readonly persistence: 'once' | 'until-lifted';
}

/** Persisting faults are lifted so long (ms) after they were first met. */
const LIFTED_AFTER_MS = 300_000;

/** Counts the calls of a run, and makes the one that is to go wrong do so. */
export class Faults {
  readonly #fault: Fault | undefined;
  readonly #counts = new Map<string, number>();
  readonly sites: Site[] = [];
  /** When the fault was met (ms); a run whose fault was not met proves nothing. */
  reachedAt: number | undefined;
  #lifted = false;
  /** A simulation decides by itself. */
  decide: ((name: string, kinds: readonly FaultKind[]) => FaultKind | undefined) | undefined;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  /** The time (ms) from which on nothing goes wrong any more; undefined while the fault was not met. */
  get over(): number | undefined {
    if (this.reachedAt === undefined) return undefined;
    return this.#fault?.persistence === 'until-lifted' ? this.reachedAt + LIFTED_AFTER_MS : this.reachedAt;
  }

  /** From now on nothing goes wrong. */
  lift(): void {
    this.#lifted = true;
  }

  hit<T>(label: string, call: Call<T>, now: number): FaultKind | undefined {
    const detail = call.detail === undefined ? '' : `(${call.detail})`;
    const canDie = call.by === undefined && label !== 'cloud' && !label.startsWith('person');
    const name = `${label} > ${call.service}.${call.operation}${detail}`;
    const n = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, n);
    if (this.#lifted) return undefined;
    if (this.decide !== undefined) return this.decide(name, kindsFor(canDie, call));
    const fault = this.#fault;
    if (fault === undefined) {
      this.sites.push({ name, n, kinds: kindsFor(canDie, call) });
      return undefined;
    }
    if (fault.site !== name || n < fault.n) return undefined;
    if (n === fault.n) this.reachedAt ??= now;
    const goesOn = fault.persistence === 'until-lifted' && now <= (this.over ?? 0);
    return n === fault.n || goesOn ? fault.kind : undefined;
  }
}

/** What can go wrong with a call; what would look the same to its caller as another kind is left out. */
function kindsFor<T>(canDie: boolean, call: Call<T>): readonly FaultKind[] {
  if (call.kinds !== undefined) return call.kinds;
  const kinds: FaultKind[] = ['error-before', 'throttle', 'slow'];
  if (call.changes) kinds.push('error-after', 'timeout-after', 'duplicate');
  else kinds.push('timeout-after');
  if (call.changes && call.wireMs !== undefined) kinds.push('late');
  if (call.refusals.condition !== undefined) kinds.push('condition-failed');
  if (call.refusals.conflict !== undefined) kinds.push('transaction-conflict');
  // People and AWS do not die of a fault; they try again.
  if (canDie) kinds.push('death-before', ...(call.changes ? ['death-after' as const] : []));
  return kinds;
}
