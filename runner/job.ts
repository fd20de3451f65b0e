import type { ClaimedJob } from '../shared/contracts/jobs.ts';
import { hookStep } from '../shared/domain/hooks.ts';
import type { Clock } from '../shared/platform/clock.ts';
import type { Random } from '../shared/platform/random.ts';
import { failureOf, stopFailure } from './failure.ts';
import type { Journal } from './journal.ts';
import { createJobLog, type JobLog } from './log.ts';
import { processesSince, processFacts } from './process/find.ts';
import { killProcesses } from './process/kill.ts';
import { userOfJob } from './process/user.ts';
import { type Outcome, Poster } from './protocol/poster.ts';
import { type JobRecord, openRecord } from './records.ts';
import type { RunnerSettings } from './settings.ts';
import { JobStopped, type StopReason } from './stop.ts';
import { runBuildJob } from './work/build.ts';
import type { WorkContext } from './work/context.ts';
import { runHookJob } from './work/hook.ts';
import { watchDisk } from './work/limits.ts';
import { npmSecrets } from './work/npm-secrets.ts';
import { runResolveJob } from './work/resolve.ts';
import { createWorkspace, removeWorkspace, type Workspace } from './work/workspace.ts';

export interface JobRun {
  /** Base of the API, with /v1. */
  readonly base: string;
  readonly settings: RunnerSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
  /** Fires when the runner itself is to end. */
  readonly shutdown: AbortSignal;
  /** Projects that are building now, by job. */
  readonly building?: Map<string, string>;
}

/** A job in work. */
export interface RunningJob {
  /** Whether the service has the job's result; never rejects for anything that the job did. */
  readonly done: Promise<boolean>;
  /** Somebody hinted at a cancel: ask the service. */
  ask(): void;
}

const RESOLVE_SECONDS = 300;
const RESOLVE_OUTPUT_BYTES = 1024 * 1024;

export function startJob(job: ClaimedJob, run: JobRun): RunningJob {
  const poster = new Poster({ base: run.base, job, clock: run.clock, random: run.random });
  const done = work(job, run, poster).finally(() => poster.abandon());
  return { done, ask: () => poster.ask() };
}

async function work(job: ClaimedJob, run: JobRun, poster: Poster): Promise<boolean> {
  const { settings, clock, journal } = run;
  journal.info('job begins', { job: job.jobKey, kind: job.kind });
  const log = createJobLog({
    poster,
    masked: [...job.masked, ...credentialOf(job)],
    clock,
    outputBytes: job.kind === 'resolve' ? RESOLVE_OUTPUT_BYTES : job.limits.outputBytes,
    firstStep: firstStepOf(job),
  });
  const record = openRecord(settings.workDir, { ...job, base: run.base }, journal);
  try {
    const outcome = await outcomeOf(job, run, poster, log, record);
    log.sayTruncation();
    const told = await report(poster, outcome);
    journal.info('job ended', { job: job.jobKey, outcome: outcome?.outcome ?? 'given up', told });
    return told;
  } finally {
    record.close();
  }
}

const credentialOf = (job: ClaimedJob): string[] =>
  job.kind === 'hook' || job.repository.credential === undefined ? [] : [job.repository.credential];

function firstStepOf(job: ClaimedJob): string {
  if (job.kind === 'hook') return hookStep(job.hooks[0]?.name ?? '');
  return job.kind === 'build' ? 'clone' : 'resolve';
}

/** A `resolve` job has no limits of its own. */
const secondsOf = (job: ClaimedJob) => (job.kind === 'resolve' ? RESOLVE_SECONDS : job.limits.seconds);

async function report(poster: Poster, outcome: Outcome | undefined): Promise<boolean> {
  if (outcome !== undefined) return poster.finish(outcome);
  await poster.abandon();
  return false;
}

/** What to report, or undefined where nobody wants to hear it. */
async function outcomeOf(
  job: ClaimedJob,
  run: JobRun,
  poster: Poster,
  log: JobLog,
  record: JobRecord,
): Promise<Outcome | undefined> {
  const limits = new AbortController();
  const over = new AbortController();
  const end = (reason: StopReason) => limits.abort(new JobStopped(reason));
  const timer = setTimeout(() => end('time'), secondsOf(job) * 1000);
  const shutdown = () => end('shutdown');
  run.shutdown.addEventListener('abort', shutdown, { once: true });
  if (run.shutdown.aborted) shutdown();
  const signal = AbortSignal.any([poster.signal, limits.signal]);
  const settings = forJob(run.settings, job.jobId);
  const ofUser = settings.buildUser && processesSince(settings.buildUser);
  let workspace: Workspace | undefined;
  try {
    const project = job.kind === 'build' ? job.projectName : undefined;
    workspace = createWorkspace(job.jobId, settings, project, new Set(run.building?.values()));
    if (project !== undefined) run.building?.set(job.jobId, project);
    log.hide(npmSecrets(run.settings));
    if (job.kind !== 'resolve') {
      void watchDisk(workspace.folder, job.limits.diskBytes, run.clock, over.signal, () => end('disk'));
    }
    const onGroup = (group: number | undefined) =>
      record.setGroup(group === undefined ? undefined : processFacts(group));
    const { jobId } = job;
    const context: WorkContext = { ...run, settings, jobId, workspace, log, signal, onGroup, ofUser };
    return await dispatch(job, context, run.random);
  } catch (error) {
    return afterFailure(job, error, signal, log);
  } finally {
    clearTimeout(timer);
    over.abort();
    run.shutdown.removeEventListener('abort', shutdown);
    await killProcesses({ mark: job.jobId, ofUser }, run.clock, 0);
    run.building?.delete(job.jobId);
    if (workspace !== undefined) await tidy(workspace, run);
  }
}

function forJob(settings: RunnerSettings, jobId: string): RunnerSettings {
  const { buildUser } = settings;
  return buildUser === undefined ? settings : { ...settings, buildUser: userOfJob(buildUser, jobId) };
}

function dispatch(job: ClaimedJob, context: WorkContext, random: Random): Promise<Outcome> {
  switch (job.kind) {
    case 'build':
      return runBuildJob(context, job, random);
    case 'resolve':
      return runResolveJob(context, job);
    case 'hook':
      return runHookJob(context, job, random);
  }
}

function afterFailure(
  job: ClaimedJob,
  error: unknown,
  signal: AbortSignal,
  log: JobLog,
): Outcome | undefined {
  const stopped = signal.aborted && signal.reason instanceof JobStopped ? signal.reason.reason : undefined;
  switch (stopped) {
    case 'cancel':
      log.warn('Canceled.');
      return { outcome: 'canceled' };
    case 'gone':
    case 'refused':
      return undefined;
    case 'unanswered':
      return failed(stopFailure('unanswered', job.unansweredLimitSeconds), log);
    case 'time':
      return failed(stopFailure('time', secondsOf(job)), log);
    case 'disk':
      return failed(stopFailure('disk', job.kind === 'resolve' ? 0 : job.limits.diskBytes), log);
    case 'shutdown':
      return failed(stopFailure('shutdown', 0), log);
    case undefined:
      return failed(error, log);
  }
}

function failed(error: unknown, log: JobLog): Outcome {
  const failure = failureOf(error, log);
  const [first = ''] = failure.message.split('\n', 1);
  log.warn(first);
  return { outcome: 'failed', failure };
}

async function tidy(workspace: Workspace, run: JobRun): Promise<void> {
  try {
    await removeWorkspace(workspace.folder);
  } catch (error) {
    run.journal.warn('a job folder could not be removed', {
      folder: workspace.folder,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
