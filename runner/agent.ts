import { hostname } from 'node:os';
import { type Clock, systemClock } from '../shared/platform/clock.ts';
import { type Random, systemRandom } from '../shared/platform/random.ts';
import { type Builders, forgetNodeCopy, settleBuilders } from './build-user.ts';
import { type JobRun, type RunningJob, startJob } from './job.ts';
import type { Journal } from './journal.ts';
import { lockWorkDir } from './lock.ts';
import { socketAddress } from './protocol/address.ts';
import { apiBase } from './protocol/call.ts';
import { claimJob } from './protocol/claim.ts';
import { isRefusal } from './protocol/refusals.ts';
import { keepSubscribed } from './protocol/socket.ts';
import { recoverLeftovers } from './recover.ts';
import type { RunnerSettings } from './settings.ts';

export interface AgentOptions {
  /** Base of the API, with or without /v1. */
  readonly url: string;
  /** Where job frames come from; without it the service is asked. */
  readonly websocketUrl?: string | undefined;
  readonly token: string;
  readonly settings: RunnerSettings;
  readonly journal: Journal;
  /** Tried one after the other where `settings` name no user for builds; see settleBuilders. */
  readonly buildUsers?: readonly string[] | undefined;
  /** Told once the agent takes jobs: who builds, and why not somebody with fewer rights. */
  readonly onReady?: ((builds: Builders) => void) | undefined;
  /** Takes only jobs that ask for this label. */
  readonly label?: string | undefined;
  /** Jobs at a time, 1 by default. */
  readonly parallel?: number | undefined;
  /** How often it asks for work by itself, 60 by default, in case a frame was lost. */
  readonly lookEverySeconds?: number | undefined;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface Agent {
  /**
   * Resolves when the agent has ended and nothing of it is left. Rejects where it could not start, and with
   * Unauthenticated or PermissionDenied where the service refuses its token; jobs that it had are done then.
   */
  readonly done: Promise<void>;
  /** Ends running jobs, reports them lost, and leaves. Safe to repeat. */
  stop(): Promise<void>;
}

const LOOK_SECONDS = 60;
/** After this the agent goes back to waiting, and looks again with the next frame or minute. */
const CLAIM_PATIENCE_MS = 60_000;

/** Starts an agent: one that takes jobs as they are offered, until it is stopped. */
export function startAgent(options: AgentOptions): Agent {
  const shutdown = new AbortController();
  const done = runAgent(options, shutdown.signal);
  return {
    done,
    async stop() {
      shutdown.abort();
      await done;
    },
  };
}

async function runAgent(options: AgentOptions, shutdown: AbortSignal): Promise<void> {
  const { journal, clock = systemClock, random = systemRandom } = options;
  const { workDir } = options.settings;
  const unlock = lockWorkDir(workDir);
  const base = apiBase(options.url);
  try {
    await recoverLeftovers({ base, settings: options.settings, clock, random, journal, shutdown });
    const builders = await settleBuilders(options.settings, options.buildUsers ?? [], clock, journal);
    const { settings } = builders;
    const run: JobRun = { base, settings, clock, random, journal, shutdown, building: new Map() };
    const pool = createPool(options, run);
    journal.info('agent ready', { url: base, label: options.label, parallel: options.parallel ?? 1 });
    options.onReady?.(builders);
    await workAndListen(options, run, pool);
    journal.info('agent ended');
  } finally {
    forgetNodeCopy(workDir);
    unlock();
  }
}

async function workAndListen(options: AgentOptions, run: JobRun, pool: Pool): Promise<void> {
  const over = new AbortController();
  const listening = subscribe(options, run, pool, AbortSignal.any([run.shutdown, over.signal]));
  try {
    await pool.run();
  } finally {
    over.abort();
    await listening;
  }
}

function subscribe(options: AgentOptions, run: JobRun, pool: Pool, signal: AbortSignal): Promise<void> {
  const { token, websocketUrl } = options;
  return keepSubscribed({
    address: async () => websocketUrl ?? socketAddress({ base: run.base, token, signal }),
    token: options.token,
    clock: run.clock,
    random: run.random,
    journal: run.journal,
    signal,
    // The next claim says why, and ends the agent.
    onRefused: () => pool.look(),
    onOffer: (label) => {
      // An agent that names no label has the one of its token, which only the service knows.
      if (label === undefined || options.label === undefined || label === options.label) pool.look();
    },
    onCancel: (jobKey) => pool.ask(jobKey),
  });
}

/** The jobs that an agent has in work, and its looks for more. */
interface Pool {
  /** Claims and works until the shutdown or until the service refuses the token, then waits for what runs. */
  run(): Promise<void>;
  /** Work may be waiting. */
  look(): void;
  /** The job may be canceled. */
  ask(jobKey: string): void;
}

function createPool(options: AgentOptions, run: JobRun): Pool {
  const { clock, random, journal, shutdown } = run;
  const everyMs = (options.lookEverySeconds ?? LOOK_SECONDS) * 1000;
  const jobs = new Map<string, RunningJob>();
  let wake = () => {};
  let looked = false;

  async function claimOne(): Promise<boolean> {
    const { token, label } = options;
    const name = `${hostname()}#${process.pid}`;
    const patienceMs = CLAIM_PATIENCE_MS;
    const claim = { base: run.base, token, label, name, clock, random, signal: shutdown, patienceMs };
    const job = await claimJob(claim);
    if (job === undefined) return false;
    const running = startJob(job, run);
    jobs.set(job.jobKey, running);
    void running.done
      .catch((error: unknown) => journal.warn('job broke', { job: job.jobKey, reason: reasonOf(error) }))
      .finally(() => {
        jobs.delete(job.jobKey);
        look();
      });
    return true;
  }

  /**
   * @returns whether there may be more
   * @throws Unauthenticated, PermissionDenied: nothing that this agent asks for will be given to it
   */
  async function tryClaim(): Promise<boolean> {
    try {
      return await claimOne();
    } catch (error) {
      if (shutdown.aborted) return false;
      if (isRefusal(error)) throw error;
      journal.warn('no work could be claimed', { reason: reasonOf(error) });
      return false;
    }
  }

  function look(): void {
    looked = true;
    wake();
  }

  async function pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, everyMs);
    wake = resolve;
    shutdown.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    shutdown.removeEventListener('abort', wake);
  }

  return {
    async run() {
      try {
        while (!shutdown.aborted) {
          looked = false;
          const more = jobs.size < (options.parallel ?? 1) && (await tryClaim());
          // A hint that came while the claim was under way may mean a job that it did not see.
          if (!more && !looked && !shutdown.aborted) await pause();
        }
      } finally {
        await Promise.allSettled([...jobs.values()].map((job) => job.done));
      }
    },
    look,
    ask: (jobKey) => jobs.get(jobKey)?.ask(),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
