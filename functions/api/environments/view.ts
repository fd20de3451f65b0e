import { isSuperseded } from '../../../shared/domain/admission.ts';
import type { Environment, Health } from '../../../shared/domain/records.ts';
import type { SlotWithLine } from '../../../shared/store/slot.ts';

/**
 * An environment as the API shows it: what people edit, how its slot stands, and who waits for that. Variables have
 * routes of their own.
 */
export function viewOfEnvironment(environment: Environment, { slot, line }: SlotWithLine) {
  const { variables: _variables, ...view } = environment;
  const { owner, since, reason, active, previousGood, url, health, pin, blocked } = slot;
  return {
    ...view,
    active,
    previousGood,
    url,
    health: health && viewOfHealth(health),
    pin,
    blocked: blocked ?? [],
    slot: { owner, since, reason },
    queue: line.filter((one) => !isSuperseded(one, slot)).map(({ deploymentId }) => deploymentId),
  };
}

const viewOfHealth = ({ key: _key, ...view }: Health) => view;

/** The part of an environment that people edit; what a PATCH is merged into. */
export function editablePart(environment: Environment) {
  const { name, type, isDefault, configuration, concurrency } = environment;
  const { approvals, promoteFrom, healthCheck, hooks, rollbackOnFailure, timeouts, retention } = environment;
  return {
    name,
    type,
    isDefault,
    configuration,
    concurrency,
    approvals,
    promoteFrom,
    healthCheck,
    hooks,
    rollbackOnFailure,
    timeouts,
    retention,
  };
}
