import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { failureFor, type ReapReason, stillHolds } from '../../shared/domain/reaping.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal, mayFollow } from '../../shared/domain/status.ts';
import { onlyWarns } from '../../shared/domain/strategy.ts';
import { isoTime } from '../../shared/platform/clock.ts';
import type { DeploymentChanges } from '../../shared/store/deployments.ts';
import { changeWith, type Entry, getDeployment, stageDone, stageOf } from '../../shared/store/deployments.ts';
import { counted, withStage } from '../../shared/store/stage-records.ts';
import type { StepsDeps } from './deps.ts';

/** Who asks for a settlement: the machine itself, or somebody who saw that it must not go on. */
export type Occasion =
  | { readonly kind: 'machine'; readonly entry: Entry }
  | { readonly kind: 'reap'; readonly reason: ReapReason };

/**
 * Writes that the settlement has begun, so that no new call to the target can begin, and why.
 * Undefined where there is nothing to settle (any more).
 */
export async function beginSettlement(
  deps: StepsDeps,
  id: string,
  occasion: Occasion,
): Promise<Deployment | undefined> {
  const found = await getDeployment(deps.store, id);
  if (found === undefined || (isTerminal(found.status) && !found.draining)) return undefined;
  const now = deps.store.clock.now();
  let due = true;
  const deployment = await changeWith(deps.store, id, (current) => {
    due = occasion.kind === 'machine' || stillHolds(current, occasion.reason, now);
    if (!due || isTerminal(current.status)) return undefined;
    const entry = occasion.kind === 'machine' ? counted(current, 'settle', occasion.entry) : {};
    if (current.settling !== undefined) return Object.keys(entry).length === 0 ? undefined : entry;
    return { ...entry, ...beginning(current, occasion, now) };
  });
  return due && (!isTerminal(deployment.status) || deployment.draining) ? deployment : undefined;
}

function beginning(current: Deployment, occasion: Occasion, now: number): DeploymentChanges {
  const failure = current.failure ?? reasonToFail(current, occasion);
  const canceling = current.cancelRequested !== undefined && mayFollow(current.status, 'canceling');
  const at = isoTime(now);
  const failed: Deployment =
    failure !== undefined && stageOf(current, failure.stage)?.status === 'running'
      ? {
          ...current,
          stages: withStage(current, failure.stage, (record) => ({
            ...record,
            status: 'failed',
            finishedAt: at,
            message: failure.message,
          })),
        }
      : current;
  return {
    ...(canceling ? { status: 'canceling' } : {}),
    ...(failure === undefined ? {} : { failure }),
    settling: { at, by: occasion.kind === 'machine' ? 'machine' : occasion.reason },
    deadlines: { stage: now + resolveTimeouts(current.snapshot.timeouts).drainSeconds * 1000 },
    currentStep: 'settle',
    stages: withStage(failed, 'settle', (record) => ({
      ...record,
      status: 'running',
      startedAt: at,
      attempts: record.attempts + 1,
    })),
  };
}

/** Once the live checks have passed, the machine's own death is no failure of the deployment any more. */
function reasonToFail(current: Deployment, occasion: Occasion) {
  if (occasion.kind === 'machine' || stageDone(current, 'activate') || onlyWarns(current)) return undefined;
  return failureFor(current, occasion.reason);
}
