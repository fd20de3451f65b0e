import { type LinesRequest, linesRequest, postAnswer } from '../../shared/contracts/job-posts.ts';
import { commandsUpTo } from '../../shared/domain/hook-runs.ts';
import { hookStep } from '../../shared/domain/hooks.ts';
import type { NewLine } from '../../shared/domain/log.ts';
import { oneLine } from '../../shared/domain/log-text.ts';
import { PROGRESS } from '../../shared/domain/progress.ts';
import { LogEnded } from '../../shared/errors/logs.ts';
import { maskKnownTokens } from '../../shared/masking/known-tokens.ts';
import { isoTime } from '../../shared/platform/clock.ts';
import { publishLines } from '../../shared/platform/sockets.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { reportProgress } from '../../shared/store/deployments.ts';
import { type Appended, appendLines, type LogTail, readTail } from '../../shared/store/log-chain.ts';
import { defineRoute } from '../http/route.ts';
import { sayBroken } from './broken-stream.ts';
import type { IngestDeps } from './deps.ts';
import { noteLife } from './signs-of-life.ts';
import { answer, jobPath, type Visit, visit } from './visit.ts';

/** A runner's clock may be wrong, but not so that its lines come from the future (ms). */
const AHEAD_MS = 60_000;

type Step = NonNullable<LinesRequest['step']>;
type BuildStep = Exclude<Step, `hook:${string}`>;

/** Where a build stands when it enters a step. Its result brings `built`. */
const PROGRESS_AT: Readonly<Record<BuildStep, number>> = {
  clone: PROGRESS.gatePassed + 3,
  install: PROGRESS.sourceReady,
  build: PROGRESS.sourceReady + 10,
  upload: PROGRESS.built - 5,
};

/** A batch of lines: stored, pushed to whoever watches, and only then acknowledged. */
export const lines = defineRoute<IngestDeps>()({
  method: 'POST',
  path: '/v1/jobs/{jobKey}/lines',
  auth: 'own',
  params: jobPath,
  body: linesRequest,
  summary: 'Takes the next lines of a job; a repeated batch is recognised by its offset.',
  answer: { status: 200, schema: postAnswer },
  problems: ['OFFSET_MISMATCH'],
  handle: async (call) => {
    const post = await visit(call, false);
    if (post.verdict === 'gone') return answer(post, 'gone', call.body.offset);
    try {
      // At once: lines that come meanwhile wait for this answer.
      const [next] = await Promise.all([takeAlive(post, call.body), noteStep(post, call.body.step)]);
      return answer(post, post.verdict, next);
    } catch (error) {
      if (error instanceof LogEnded) return answer(post, 'gone', call.body.offset);
      throw error;
    }
  },
});

/** Takes the lines, and notes that the runner lives: by a beat only where they were not put into the log by this. */
async function takeAlive(post: Visit, batch: LinesRequest): Promise<number> {
  let wrote = false;
  try {
    const taken = await take(post, batch);
    wrote = taken.wrote;
    return taken.nextOffset;
  } finally {
    await noteLife(post, { wrote });
  }
}

async function take(post: Visit, batch: LinesRequest): Promise<Appended> {
  const { store, deps, job, notes } = post;
  const appended = await stored(post, batch).catch(async (error: unknown) => {
    await sayBroken(post, 'stored', error);
    throw error;
  });
  try {
    notes.viewers = await publishLines({ ...deps.publishing, store }, job.deploymentId, appended.lines);
    notes.broken = false;
  } catch (error) {
    // The lines are stored: whoever misses this push asks again from its cursor.
    post.log.warn('Lines could not be pushed', { error: String(error) });
    await sayBroken(post, 'shown to viewers', error);
  }
  return appended;
}

async function stored(post: Visit, batch: LinesRequest): Promise<Appended> {
  const { store, deps, job, producer } = post;
  const { tails } = deps;
  const tail = await tailBefore(post, batch.offset);
  const { masked, keyLinesLeft } = maskedLines(store, batch, {
    // What the log has of the batch already was masked when it came first.
    known: Math.max(0, (tail.offsets[producer] ?? 0) - batch.offset),
    left: tail.keys[producer] ?? 0,
  });
  return appendLines(store, job.deploymentId, producer, batch.offset, masked, { tails, keyLinesLeft });
}

/** Where the log ends, as this process remembers it, unless it has lines before these that came to another process. */
async function tailBefore({ store, deps, job, producer }: Visit, offset: number): Promise<LogTail> {
  const { deploymentId } = job;
  const remembered = deps.tails.get(deploymentId);
  if (remembered !== undefined && offset <= (remembered.offsets[producer] ?? 0)) return remembered;
  const tail = await readTail(store, deploymentId);
  deps.tails.set(deploymentId, tail);
  return tail;
}

/**
 * The exact values were masked by the runner, which knows them; this catches what has the form of a secret.
 * @param from how many of the lines the log has, and how many after them a private key may hide that began before
 */
function maskedLines(
  { clock }: StoreContext,
  batch: LinesRequest,
  from: { readonly known: number; readonly left: number },
) {
  const latest = clock.now() + AHEAD_MS;
  const messages = batch.lines.map((line) => line.message);
  const known = maskKnownTokens(messages.slice(0, from.known));
  const fresh = maskKnownTokens(messages.slice(from.known), from.left);
  const shown = [...known.lines, ...fresh.lines];
  const masked: NewLine[] = batch.lines.map((line, i) => ({
    at: Math.min(line.at, latest),
    level: line.level,
    step: line.step,
    source: 'build',
    message: oneLine(shown[i] ?? ''),
  }));
  return { masked, keyLinesLeft: [...known.keyLinesLeft, ...fresh.keyLinesLeft] };
}

/** The runner names a step when it enters it, so this is a handful of writes a build. */
async function noteStep({ store, job, verdict, log }: Visit, step: LinesRequest['step']): Promise<void> {
  // A hook after the activation has a round of its own, which says all of this when it begins.
  const isBeforeIt = job.kind === 'build' || (job.kind === 'hook' && job.round === 0);
  if (step === undefined || verdict !== 'go-on' || !isBeforeIt) return;
  try {
    await reportProgress(store, job.deploymentId, reportOf(step, isoTime(store.clock.now())));
  } catch (error) {
    // The lines count; the next step or the result moves the deployment on.
    log.warn('Progress could not be noted', { error: String(error) });
  }
}

function reportOf(step: Step, at: string): Parameters<typeof reportProgress>[2] {
  if (!isHookStep(step)) {
    const report = { progress: PROGRESS_AT[step], step, note: MESSAGE[step] };
    return step === 'upload'
      ? { ...report, hooks: (current) => commandsUpTo(current, undefined, at) }
      : report;
  }
  const name = step.slice(hookStep('').length);
  return {
    progress: PROGRESS_IN_HOOKS,
    step,
    note: `running the pre hook ${name}`,
    hooks: (current) => commandsUpTo(current, name, at),
  };
}

const isHookStep = (step: Step): step is `hook:${string}` => step.startsWith(hookStep(''));
/** The build is packed, and not yet stored. */
const PROGRESS_IN_HOOKS = PROGRESS.built - 8;

const MESSAGE: Readonly<Record<BuildStep, string>> = {
  clone: 'cloning the repository',
  install: 'installing dependencies',
  build: 'building',
  upload: 'storing the artifact',
};
