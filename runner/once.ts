import { hostname } from 'node:os';
import { type Clock, systemClock } from '../shared/platform/clock.ts';
import { type Random, systemRandom } from '../shared/platform/random.ts';
import { startJob } from './job.ts';
import type { Journal } from './journal.ts';
import { lockWorkDir } from './lock.ts';
import { apiBase } from './protocol/call.ts';
import { claimJob } from './protocol/claim.ts';
import type { RunnerSettings } from './settings.ts';

export interface OnceOptions {
  /** Base of the API, with or without /v1. */
  readonly url: string;
  /** The job this runner was started for. */
  readonly jobKey: string;
  /** Good for one claim of that job. */
  readonly ticket: string;
  readonly settings: RunnerSettings;
  readonly journal: Journal;
  /** Ends the job early, as lost. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What became of the one job: `told` means that the service has its result, good or bad. */
export type OnceOutcome = 'told' | 'nothing-to-do' | 'not-told';

/** The service waits ten minutes for a claim; a runner that reaches it later is of no use. */
const CLAIM_PATIENCE_MS = 600_000;

/**
 * Claims exactly the named job, does it, and ends.
 * @throws what claimJob throws
 */
export async function runOnce(options: OnceOptions): Promise<OnceOutcome> {
  const { settings, journal, clock = systemClock, random = systemRandom } = options;
  const shutdown = options.signal ?? new AbortController().signal;
  const base = apiBase(options.url);
  const unlock = lockWorkDir(settings.workDir);
  try {
    const job = await claimJob({
      base,
      token: options.ticket,
      jobKey: options.jobKey,
      name: `${hostname()}#${process.pid}`,
      clock,
      random,
      signal: shutdown,
      patienceMs: CLAIM_PATIENCE_MS,
    });
    if (job === undefined) {
      journal.info('nothing to do', { job: options.jobKey });
      return 'nothing-to-do';
    }
    const told = await startJob(job, { base, settings, clock, random, journal, shutdown }).done;
    return told ? 'told' : 'not-told';
  } finally {
    unlock();
  }
}
