import type { Environment, Slot } from '../../../shared/domain/records.ts';

/**
 * An environment as the API shows it: what people edit, and how its slot stands. Variables have routes of
 * their own. Nobody waits in line while `reject` is the only concurrency, so the queue is empty.
 */
export function viewOfEnvironment(environment: Environment, slot: Slot) {
  const { variables: _variables, ...view } = environment;
  const { owner, since, reason, active, previousGood, url } = slot;
  return { ...view, active, previousGood, url, slot: { owner, since, reason }, queue: [] };
}

/** The part of an environment that people edit; what a PATCH is merged into. */
export function editablePart(environment: Environment) {
  const { name, type, isDefault, configuration, concurrency } = environment;
  const { healthCheck, rollbackOnFailure, timeouts } = environment;
  return { name, type, isDefault, configuration, concurrency, healthCheck, rollbackOnFailure, timeouts };
}
