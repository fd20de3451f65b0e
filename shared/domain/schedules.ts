import { Cron } from 'croner';
import type { JsonObject } from './json.ts';

/** What a schedule did at its last moment. */
export interface ScheduleOutcome {
  /** ISO time of the moment. */
  readonly occurrence: string;
  /** `refused`: the service said no, as it would have to a person. `missed`: it came too late. */
  readonly outcome: 'started' | 'missed' | 'refused';
  readonly deploymentId?: string | undefined;
  readonly message?: string | undefined;
}

/** A deployment that is planned: once, or again and again by a cron expression. */
export interface Schedule {
  readonly id: string;
  readonly projectId: string;
  readonly environment: string;
  /** The request for a deployment, as its contract has it. */
  readonly request: JsonObject;
  /** ISO time; absent where `cron` says when. */
  readonly at?: string | undefined;
  readonly cron?: string | undefined;
  readonly timezone: string;
  readonly autoCancel: boolean;
  readonly validateFirst: boolean;
  /** Seconds before the moment at which it is announced; absent: not at all. */
  readonly notifyBefore?: number | undefined;
  /** Seconds after the moment within which it may still begin. */
  readonly window: number;
  /** Raised by every edit: what was on its way before counts no more. */
  readonly generation: number;
  /** Next moment, ISO; absent: there is none. */
  readonly nextAt?: string | undefined;
  /** What waits for the one moment of a schedule without cron. */
  readonly deploymentId?: string | undefined;
  readonly last?: ScheduleOutcome | undefined;
  readonly createdAt: string;
  readonly createdBy: { readonly subject: string; readonly tokenId: string };
  readonly updatedAt: string;
  readonly revision: number;
}

/**
 * The first moment (ms) after the given one that a cron expression of five parts names, in the clock of a place. An
 * hour that a change of the clocks leaves out counts as its end, one that comes twice counts once.
 * @returns undefined where the expression names none any more; raises where it is no expression
 */
export function cronAfter(cron: string, timezone: string, moment: number): number | undefined {
  return new Cron(cron, { timezone, mode: '5-part' }).nextRun(new Date(moment))?.getTime();
}

/** The moment after this one; undefined for a schedule that comes once. */
export const momentAfter = ({ cron, timezone }: Schedule, moment: number): number | undefined =>
  cron === undefined ? undefined : cronAfter(cron, timezone, moment);
