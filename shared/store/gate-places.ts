import { drawTicket } from '../domain/admission.ts';
import type { Concurrency, Deployment, Slot } from '../domain/records.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeDeployment, type DeploymentChanges } from './deployment-changes.ts';
import { transact, type Write } from './engine.ts';
import { environmentStands } from './environments.ts';
import { joinLine, leaveLine, waiterOf } from './line.ts';
import { freed, rewriteSlot, type SlotWithLine, takenBy } from './slot.ts';
import { type Admissible, ownership, rewritten, slotWithout, succession } from './succession.ts';

/** What a gate decided on: every write fails with ConditionFailed where any of it has changed since. */
export interface GateFound extends SlotWithLine {
  readonly deployment: Deployment;
  readonly concurrency: Concurrency;
}

/** A free slot goes to a deployment that stands in no line, where nobody else stands in it. */
export async function takeFreeSlot(ctx: StoreContext, found: GateFound): Promise<void> {
  const { deployment } = found;
  const { slot, ticket } = numbered(found);
  const taken = takenBy(slot, deployment.id, isoTime(ctx.clock.now()), deployment.type);
  await transact(ctx, [
    rewriteSlot(found.slot, taken),
    rewritten(ctx, deployment, { ...ownership(ctx, taken, deployment), ticket }),
    environmentStands(deployment.projectId, deployment.environment),
  ]);
}

/** A free slot goes to the first of its line who may have it, whoever noticed; false where nobody may. */
export async function admitFirst(
  ctx: StoreContext,
  { slot, line }: SlotWithLine,
  admissible: Admissible,
): Promise<boolean> {
  const next = await succession(ctx, freed(slot), line, admissible);
  if (next.admitted === undefined) return false;
  await transact(ctx, [rewriteSlot(slot, next.slot), ...next.writes]);
  return true;
}

/**
 * Goes on waiting, in the line or outside of every line, with what is to be noted on the record. One transaction
 * where its place changes: it joins, leaves, or gives back the slot that it owns, which goes to the next (rule 3).
 */
export async function waitAt(
  ctx: StoreContext,
  found: GateFound,
  place: 'line' | 'outside',
  changes: DeploymentChanges,
  admissible: Admissible,
): Promise<void> {
  const { deployment, slot, line } = found;
  const { id } = deployment;
  const owns = slot.owner === id;
  const standing = line.find(({ deploymentId }) => deploymentId === id);
  if (!owns && (place === 'line') === (standing !== undefined)) {
    await changeDeployment(ctx, deployment, changes);
    return;
  }
  // Who leaves a place has a number already; who comes from nowhere gets one.
  const drawn = numbered(found);
  const writes: Write[] = [rewritten(ctx, deployment, { ...changes, ticket: drawn.ticket })];
  if (standing !== undefined && place === 'outside') writes.push(leaveLine(standing));
  if (standing === undefined && place === 'line') {
    writes.push(
      joinLine(waiterOf(deployment, drawn.ticket, isoTime(ctx.clock.now()))),
      environmentStands(deployment.projectId, deployment.environment),
    );
  }
  const others = line.filter(({ deploymentId }) => deploymentId !== id);
  const next = await slotWithout(ctx, drawn.slot, id, others, admissible);
  await transact(ctx, [rewriteSlot(slot, next.slot), ...next.writes, ...writes]);
}

/** Its own number, else the next one. */
function numbered({ deployment, slot, concurrency }: GateFound): { slot: Slot; ticket: number } {
  const { ticket } = deployment;
  return ticket === undefined ? drawTicket(slot, deployment, concurrency) : { slot, ticket };
}
