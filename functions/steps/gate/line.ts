import { admitFirst, takeFreeSlot } from '../../../shared/store/gate-places.ts';
import { admissible } from './admissible.ts';
import { type GateFacts, type GateRule, PASS } from './rule.ts';

/**
 * The last rule: the slot. It is had already (from the creation on, or handed over), or it is free and goes to whoever
 * is first, or it is another's and this one waits in line until it is handed over.
 */
export const line: GateRule = async (deps, facts) => {
  const { deployment, slot } = facts;
  if (slot.owner === deployment.id) {
    // Handed over after the record was read: what stands there now knows its fence.
    return slot.fence === deployment.fence ? PASS : { kind: 'again' };
  }
  if (slot.owner !== undefined) return queued(facts);
  const { concurrency } = facts.environment;
  if (facts.line.length === 0) {
    await takeFreeSlot(deps.store, { ...facts, concurrency });
    return { kind: 'again' };
  }
  const stands = facts.line.some(({ deploymentId }) => deploymentId === deployment.id);
  if (!stands || !(await admitFirst(deps.store, facts, admissible(deps)))) return queued(facts);
  return { kind: 'again' };
};

/** Who is before it changes while it waits; whoever asks for the deployment is told its place. */
function queued({ deployment }: GateFacts) {
  return { kind: 'wait', status: 'queued', note: `waiting in line for ${deployment.environment}` } as const;
}
