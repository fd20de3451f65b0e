import { STEP_CONTRACT } from '../../shared/contracts/step-contract.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { nextLookAt, SWEEP_GRACE_MS } from '../../shared/domain/next-look.ts';
import { passedDeadline, type ReapReason } from '../../shared/domain/reaping.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { closeLog } from '../../shared/platform/log-closing.ts';
import { carryOutPurges } from '../../shared/platform/log-purging.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import { wasHeard } from '../../shared/store/heartbeats.ts';
import { presentJobKey } from '../../shared/store/keys.ts';
import { goesOn, promotedRound } from '../../shared/store/rounds.ts';
import { answerStage } from '../../shared/store/task-tokens.ts';
import type { SweepDeps } from './deps.ts';

/**
 * Looks after one deployment whose moment has come. Decides on the record as it is now, not on the index, which often has
 * an earlier moment (looksAsBefore): what comes too early would cut a settlement that goes on, and take for gone what was
 * started just now.
 */
export async function attend(deps: SweepDeps, id: string): Promise<void> {
  const { store } = deps.sockets;
  const deployment = await getDeployment(store, id);
  if (deployment === undefined) return;
  const now = store.clock.now();
  const due = nextLookAt(deployment);
  if (due === undefined || due > now) return;
  const reason = passedDeadline(deployment, now) ?? (await runnerLost(deps, deployment, now));
  if (reason !== undefined) await reap(deps, deployment, reason);
  // What the runner's job says may prove those two wrong; a deployment that lives on may still miss its wake.
  const isDoubtful = reason === 'runner-lost' || reason === 'claim-deadline';
  if (!isTerminal(deployment.status) && (reason === undefined || isDoubtful)) {
    await repair(deps, deployment, now);
  }
  // Last, since they are long and may fail: a log that cannot be closed must not keep a draining slot taken.
  await allOf([
    () => carryOutPurges(store, deps.archive, deployment),
    async () => {
      if (isTerminal(deployment.status) && deployment.closing)
        await closeLog(deps.sockets, deps.archive, deployment);
    },
  ]);
}

/** Each of them, also where one before it failed. */
async function allOf(parts: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) await part().catch((error: unknown) => failures.push(error));
  if (failures.length > 1) throw new AggregateError(failures, 'Several parts of a log failed.');
  if (failures.length === 1) throw failures[0];
}

async function reap(deps: SweepDeps, { id }: Deployment, reason: ReapReason): Promise<void> {
  deps.log.with({ deploymentId: id }).info('Reaping.', { reason });
  await deps.functions.send(deps.stepsFunction, {
    op: 'reap',
    contract: STEP_CONTRACT,
    deploymentId: id,
    reason,
  });
}

async function runnerLost(
  { sockets }: SweepDeps,
  deployment: Deployment,
  now: number,
): Promise<ReapReason | undefined> {
  const { deadlines, snapshot } = deployment;
  if (deadlines.heartbeat === undefined || deadlines.heartbeat > now) return undefined;
  const { heartbeatSeconds } = resolveTimeouts(snapshot.timeouts);
  const since = now - heartbeatSeconds * 1000;
  return (await wasHeard(sockets.store, presentJobKey(deployment), since)) ? undefined : 'runner-lost';
}

/**
 * What should have happened right after a write, and did not: the start of the machine, the wake of the gate,
 * the settlement of an execution that ended without one (its event was lost, or never sent).
 */
async function repair(deps: SweepDeps, deployment: Deployment, now: number): Promise<void> {
  const { id, wake, seen } = deployment;
  const isStarted = deployment.executionArn !== undefined;
  if (!isStarted && Date.parse(deployment.createdAt) + SWEEP_GRACE_MS > now) return;
  const executionArn = deployment.executionArn ?? (await deps.machine.start(id, deployment.type));
  const state = executionArn === undefined ? 'running' : await deps.machine.state(executionArn);
  // An execution that was started a moment ago may not be known everywhere yet.
  if (state === 'ended' || (state === 'absent' && isStarted)) {
    return reap(deps, deployment, 'execution-ended');
  }
  // Whoever promoted it may have died before the answer was written; where it was, this changes nothing.
  const promoted = promotedRound(deployment);
  if (promoted !== undefined) {
    const { store } = deps.sockets;
    await answerStage(store, deps.machine, id, 'activate', promoted, goesOn(deployment));
  }
  const unseen = wake > seen && Date.parse(deployment.updatedAt) + SWEEP_GRACE_MS <= now;
  const waited = deployment.deadlines.wait !== undefined && deployment.deadlines.wait <= now;
  if (unseen || waited) {
    await deps.functions.send(deps.stepsFunction, { op: 'wake', contract: STEP_CONTRACT, deploymentId: id });
  }
}
