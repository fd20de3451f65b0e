import { WAIT_DAYS } from '../../../shared/domain/deadlines.ts';
import type { Deployment, DeploymentSource } from '../../../shared/domain/records.ts';
import { StageFailed } from '../../../shared/errors/deployments.ts';
import type { DeploymentChanges } from '../../../shared/store/deployments.ts';
import { waitAt } from '../../../shared/store/gate-places.ts';
import type { StepsDeps } from '../deps.ts';
import { admissible } from './admissible.ts';
import type { GateFacts, GateWait } from './rule.ts';

const DAY_MS = 86_400_000;
/** What waits for people or for its moment stands in no line. */
const OUTSIDE: readonly GateWait['status'][] = ['scheduled', 'awaiting-approval'];

/**
 * Notes what the gate waits for, with the `wake` that stood there before it looked: one that was raised meanwhile
 * stays above `seen`, so relay or sweep have it look again. From here on no time of the stage runs, and nobody looks
 * before the wait's own end.
 * @throws ConditionFailed where anything that was decided on has changed, StageFailed where it has waited for too long
 */
export async function goOnWaiting(deps: StepsDeps, facts: GateFacts, wait: GateWait): Promise<void> {
  const { deployment, environment } = facts;
  const last = Date.parse(deployment.startedAt ?? deployment.createdAt) + WAIT_DAYS * DAY_MS;
  if (last <= deps.store.clock.now()) {
    throw new StageFailed('EXPIRED', `It has waited for ${WAIT_DAYS} days: ${wait.note}.`);
  }
  const changes = {
    ...wait.changes,
    status: wait.status,
    note: wait.note,
    source: facts.source,
    seen: deployment.wake,
    deadlines: { wait: Math.min(wait.until ?? last, last) },
  };
  const place = OUTSIDE.includes(wait.status) ? 'outside' : 'line';
  if (isInPlace(facts, place) && isNoted(deployment, changes, wait.changes)) return;
  const { concurrency } = environment;
  await waitAt(deps.store, { ...facts, concurrency }, place, changes, admissible(deps));
  if (wait.status !== deployment.status || wait.note !== deployment.note) {
    await deps.say(deployment.id, 'gate', 'info', `${wait.note[0]?.toUpperCase()}${wait.note.slice(1)}.`);
  }
}

function isInPlace({ deployment: { id }, slot, line }: GateFacts, place: 'line' | 'outside'): boolean {
  const stands = line.some(({ deploymentId }) => deploymentId === id);
  return slot.owner !== id && stands === (place === 'line');
}

/** Says the record all of this already? Then nothing is written: a look that finds nothing new costs only reads. */
function isNoted(
  current: Deployment,
  next: { status: string; note: string; seen: number; source: DeploymentSource; deadlines: { wait: number } },
  more: DeploymentChanges | undefined,
): boolean {
  return (
    more === undefined &&
    current.status === next.status &&
    current.note === next.note &&
    current.seen === next.seen &&
    current.source.commit?.sha === next.source.commit?.sha &&
    current.deadlines.wait === next.deadlines.wait &&
    current.deadlines.stage === undefined
  );
}
