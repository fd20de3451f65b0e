import { STEP_CONTRACT } from '../../shared/contracts/step-contract.ts';
import { announcementsFor, visiblyChanged } from '../../shared/domain/announcements.ts';
import { AT_ONCE } from '../../shared/domain/log-limits.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { closeLog } from '../../shared/platform/log-closing.ts';
import { carryOutPurges } from '../../shared/platform/log-purging.ts';
import { publishStatus } from '../../shared/platform/sockets.ts';
import { markPublished } from '../../shared/store/deployments.ts';
import type { DeploymentChange } from './changes.ts';
import type { RelayDeps } from './deps.ts';

/**
 * Reacts to what became of one deployment. What moves it on comes first, what tells the world after that; a part
 * that fails does not keep the others from being done, and makes the stream come again for all of them. The log comes
 * last, since its closing is a change that needs no announcing only where nothing is left to announce.
 */
export async function relay(deps: RelayDeps, { before, after }: DeploymentChange): Promise<void> {
  const told = await Promise.allSettled([
    startIfNew(deps, before, after),
    wakeGate(deps, after),
    cancel(deps, before, after),
    goOnSettling(deps, before, after),
    visiblyChanged(before, after) ? publishStatus(deps.sockets, after) : undefined,
    deps.bus.publish(announcementsFor(before, after)),
  ]);
  const noted = failuresOf(told).length > 0 ? [] : await Promise.allSettled([note(deps, before, after)]);
  const logged = await Promise.allSettled([close(deps, after), purge(deps, after)]);
  const failures = failuresOf([...told, ...noted, ...logged]);
  if (failures.length > 0) throw new AggregateError(failures, `Deployment ${after.id} was relayed in part.`);
}

const failuresOf = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));

/** That the world knows of it, unless its own write has said that this needs no note. */
async function note(
  { sockets }: RelayDeps,
  before: Deployment | undefined,
  after: Deployment,
): Promise<void> {
  if (after.published >= after.revision) return;
  await markPublished(sockets.store, after.id, before?.revision ?? 0, after.revision);
}

/** Whoever created it starts it too; the name makes two starts one. */
async function startIfNew(
  { machine }: RelayDeps,
  before: Deployment | undefined,
  after: Deployment,
): Promise<void> {
  if (before !== undefined || after.executionArn !== undefined || isTerminal(after.status)) return;
  await machine.start(after.id, after.type);
}

/** What the gate waited for is there. The gate itself finds out whether it was that. */
async function wakeGate(deps: RelayDeps, after: Deployment): Promise<void> {
  const waiting = after.stage === 'gate' && after.settling === undefined && !isTerminal(after.status);
  if (!waiting || after.wake <= after.seen) return;
  await deps.functions.send(deps.stepsFunction, {
    op: 'wake',
    contract: STEP_CONTRACT,
    deploymentId: after.id,
  });
}

/** Somebody wished that it ends. A gate that waits was woken by the wish; whatever else runs is stopped. */
async function cancel(deps: RelayDeps, before: Deployment | undefined, after: Deployment): Promise<void> {
  const wished = after.cancelRequested !== undefined && before?.cancelRequested === undefined;
  if (!wished || after.settling !== undefined || isTerminal(after.status)) return;
  if (after.stage === 'gate' && after.wake > after.seen && after.executionArn !== undefined) return;
  await deps.functions.send(deps.stepsFunction, {
    op: 'reap',
    contract: STEP_CONTRACT,
    deploymentId: after.id,
    reason: 'cancel',
  });
}

/** The last call on the wire has come back: a settlement that waited for it need not wait for the sweep. */
async function goOnSettling(
  deps: RelayDeps,
  before: Deployment | undefined,
  after: Deployment,
): Promise<void> {
  const settling = after.settling !== undefined && !isTerminal(after.status);
  const landed = Object.keys(before?.calls ?? {}).length > 0 && Object.keys(after.calls).length === 0;
  if (!(settling || after.draining) || !landed) return;
  await deps.functions.send(deps.stepsFunction, {
    op: 'reap',
    contract: STEP_CONTRACT,
    deploymentId: after.id,
    reason: 'settling',
  });
}

async function close({ sockets, archive }: RelayDeps, after: Deployment): Promise<void> {
  if (isTerminal(after.status) && after.closing) await closeLog(sockets, archive, after, AT_ONCE);
}

/** Somebody wished that lines are gone. That it is looked at again later is the sweep's. */
async function purge({ sockets, archive }: RelayDeps, after: Deployment): Promise<void> {
  const isOpen = (after.purges ?? []).some(({ rewrittenAt }) => rewrittenAt === undefined);
  if (isOpen) await carryOutPurges(sockets.store, archive, after, AT_ONCE);
}
