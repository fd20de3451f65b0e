import { isSuperseded, priorityOf } from '../../../shared/domain/admission.ts';
import type { Deployment, Slot } from '../../../shared/domain/records.ts';
import { cancelAsSuperseded, cancelSuperseded } from '../../../shared/store/supersede.ts';
import { type GateRule, PASS } from './rule.ts';

/**
 * What lost its place to a newer deployment ends, whatever else it waits for. The newer one sees to it too: whoever
 * created it may have died before that was done.
 */
export const superseded: GateRule = async (deps, { deployment, slot }) => {
  if (slot.superseded?.by === deployment.id) await cancelSuperseded(deps.store, deployment);
  if (!hasLostItsPlace(deployment, slot)) return PASS;
  await cancelAsSuperseded(deps.store, slot, deployment.id);
  return { kind: 'again' };
};

/** What owns the slot has none to lose. */
function hasLostItsPlace({ id, type, ticket }: Deployment, slot: Slot): boolean {
  if (ticket === undefined || slot.owner === id) return false;
  return isSuperseded({ ticket, priority: priorityOf(type) }, slot);
}
