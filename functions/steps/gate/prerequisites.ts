import { checkPrerequisites } from '../../../shared/domain/prerequisites.ts';
import type { Validation } from '../../../shared/domain/records.ts';
import { StageFailed } from '../../../shared/errors/deployments.ts';
import { type GateFacts, type GateRule, PASS } from './rule.ts';

/**
 * What must hold is checked once more, because time has passed since the request.
 * @throws StageFailed where it does not hold any more
 */
export function validated(facts: GateFacts): Validation {
  const { deployment, source, version } = facts;
  // What a rollback brings back was looked at when it was created, and has lived here before.
  if (deployment.type === 'rollback') return deployment.validation;
  const attempt = { source, versionNumber: version.number, trigger: deployment.trigger.kind };
  const { strategy, overrides } = deployment;
  const { hooks } = overrides;
  const { validation, issues } = checkPrerequisites({ ...facts, attempt, strategy, hooks });
  if (issues.length === 0) return validation;
  const reasons = issues.map(({ message }) => message).join('; ');
  throw new StageFailed('INVALID_CONFIG', `It cannot go on: ${reasons}.`);
}

/** Nothing that cannot go on takes up anybody's time, or a place in line. */
export const prerequisites: GateRule = async (_deps, facts) => {
  validated(facts);
  return PASS;
};
