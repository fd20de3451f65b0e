import { STEP_CONTRACT } from '../../shared/contracts/steps.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { finishStage, getDeployment, reportProgress, stageDone } from '../../shared/store/deployments.ts';
import { addSystemLine } from '../../shared/store/system-log.ts';
import { heartbeatStage } from '../../shared/store/task-heartbeats.ts';
import { answerStage } from '../../shared/store/task-tokens.ts';
import type { Observed } from '../../shared/targets/target.ts';
import type { ObserveCall, TargetsDeps } from './deps.ts';
import { delayAfter } from './observe-delay.ts';
import { mayPass, noteFailure } from './outcome.ts';
import { RELEASE_ROUND } from './release.ts';
import { openWork, type Work } from './work.ts';

/**
 * Looks at a pending release once: writes its new lines, and answers the release's token or has it looked at
 * again later. A message that is delivered twice does no harm: lines are recognised by their place, answers and
 * stages count once.
 */
export async function observe(deps: TargetsDeps, call: ObserveCall, signal: AbortSignal): Promise<void> {
  const deployment = await getDeployment(deps.store, call.deploymentId);
  if (deployment === undefined || !isPending(deployment)) return;
  const place = parseCursor(call.cursor);
  let work: Work | undefined;
  try {
    work = await openWork(deps, deployment, {
      step: 'release',
      producer: 'observe',
      linesBefore: place.lines,
      signal,
    });
    const observed = await look(deps, work, place);
    for (const { level, message, at } of observed?.lines ?? []) work.log.add(level, message, at);
    const lines = place.lines + (observed?.lines.length ?? 0);
    await conclude(deps, work, call, observed, {
      lines,
      cursor: observed === undefined ? place.cursor : observed.cursor,
      broken: observed === undefined,
    });
  } catch (error) {
    const { code } = await noteFailure(deps, deployment, 'release', error, { log: work?.log, signal });
    await answer(deps, deployment, { ok: false, code });
  } finally {
    await work?.log.settled();
  }
}

/** Cancel and settlement stop what is pending by themselves; here it is only no longer looked at. */
const isPending = (deployment: Deployment) =>
  !isTerminal(deployment.status) &&
  deployment.settling === undefined &&
  deployment.cancelRequested === undefined &&
  deployment.failure === undefined &&
  !stageDone(deployment, 'release');

/** Undefined where the platform gave no answer this time; the stage's deadline bounds how often that goes on. */
async function look(
  deps: TargetsDeps,
  { target, ctx, log }: Work,
  { cursor, broken }: Place,
): Promise<Observed | undefined> {
  try {
    return await target.observe(ctx, cursor);
  } catch (error) {
    if (!mayPass(error)) throw error;
    if (!broken) await sayBroken(deps, ctx.deploymentId, log.mask(wordsOf(error)));
    return undefined;
  }
}

/** Said once, until the target answers again: whoever reads the log shall know why it stands still. */
async function sayBroken(deps: TargetsDeps, deploymentId: string, why: string): Promise<void> {
  const message = `Log streaming failed: the target did not answer (${why}). It is asked again.`;
  try {
    const line = { level: 'error', step: 'release', message } as const;
    await deps.pushLines(
      deps.store,
      deploymentId,
      await addSystemLine(deps.store, deploymentId, 'look', line),
    );
  } catch (error) {
    deps.log.warn('A broken log stream could not be told.', { error });
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function conclude(
  deps: TargetsDeps,
  { deployment, log }: Work,
  call: ObserveCall,
  observed: Observed | undefined,
  place: Place,
): Promise<void> {
  if (observed?.status === 'failed' || observed?.status === 'canceled') {
    const message = observed.message ?? `The target reports the release as ${observed.status}.`;
    throw new StageFailed('RELEASE_FAILED', message, { fault: 'platform' });
  }
  if (observed?.status === 'succeeded') {
    const facts = observed.stagedUrl === undefined ? {} : { facts: { previewUrls: [observed.stagedUrl] } };
    await finishStage(deps.store, deployment.id, 'release', facts);
    await answer(deps, deployment, { ok: true });
    return;
  }
  if (observed?.message !== undefined) {
    await reportProgress(deps.store, deployment.id, { note: log.mask(observed.message) });
  }
  await heartbeatStage(deps.store, deps.machine, deployment.id, 'release', RELEASE_ROUND);
  await deps.observeLater(
    {
      op: 'observe',
      contract: STEP_CONTRACT,
      deploymentId: deployment.id,
      attempt: call.attempt + 1,
      cursor: cursorOf(place),
    },
    delayAfter(call.attempt),
  );
}

const answer = (deps: TargetsDeps, { id }: Deployment, given: Parameters<typeof answerStage>[5]) =>
  answerStage(deps.store, deps.machine, id, 'release', RELEASE_ROUND, given);

/** Where the looks have come to: lines written before, the target's own cursor, and whether it gave no answer last. */
interface Place {
  readonly lines: number;
  readonly cursor: string | undefined;
  readonly broken: boolean;
}

const cursorOf = ({ lines, cursor, broken }: Place) => `${lines}${broken ? '!' : ''}:${cursor ?? ''}`;

function parseCursor(text: string | undefined): Place {
  const [, lines, mark, cursor] = /^(\d+)(!?):(.*)$/s.exec(text ?? '') ?? [];
  return { lines: Number(lines ?? 0), cursor: cursor === '' ? undefined : cursor, broken: mark === '!' };
}
