import { requestCancel } from '../../../shared/store/deployments.ts';
import { type GateRule, PASS } from './rule.ts';

/**
 * A rollback does not wait for what goes wrong to end by itself: whatever has the slot is asked to (rule 9). It may
 * be ending already, or be nothing but a slot that drains; the rollback stands first in line in any case.
 */
export const makesWay: GateRule = async (deps, { deployment, slot }) => {
  const { id, rollback } = deployment;
  const { owner } = slot;
  if (rollback === undefined || owner === undefined || owner === id) return PASS;
  await requestCancel(deps.store, owner, { by: rollback.by, reason: `rollback ${id}: ${rollback.reason}` });
  return PASS;
};
