import { type Checked, checkPrerequisites } from '../../../shared/domain/prerequisites.ts';
import type { Validation } from '../../../shared/domain/records.ts';
import { StageFailed } from '../../../shared/errors/deployments.ts';
import { changeDeployment } from '../../../shared/store/deployments.ts';
import { type GateFacts, type GateRule, PASS } from './rule.ts';

/** What must hold is checked once more, because time has passed since the request. */
async function checked(facts: GateFacts): Promise<Checked> {
  const { deployment, source, version } = facts;
  // What a rollback brings back was looked at when it was created, and has lived here before.
  if (deployment.type === 'rollback') return { validation: deployment.validation, issues: [] };
  const { trigger, strategy, overrides, force, approval } = deployment;
  const { hooks } = overrides;
  const attempt = { source, versionNumber: version.number, trigger: trigger.kind };
  const surroundings = await facts.surroundings();
  return checkPrerequisites({ ...facts, ...surroundings, attempt, strategy, hooks, force, approval });
}

/** What goes on the record of a deployment that passes. @throws StageFailed where something does not hold any more */
export async function validated(facts: GateFacts): Promise<Validation> {
  const found = await checked(facts);
  if (found.issues.length > 0) throw notMet(found);
  return found.validation;
}

/**
 * Nothing that cannot go on takes up anybody's time, or a place in line. What was found out stands on the record.
 * @throws StageFailed where something does not hold any more
 */
export const prerequisites: GateRule = async ({ store }, facts) => {
  const found = await checked(facts);
  if (found.issues.length === 0) return PASS;
  await changeDeployment(store, facts.deployment, { validation: found.validation });
  throw notMet(found);
};

function notMet({ issues, validation }: Checked): StageFailed {
  const reasons = issues.map(({ message }) => message).join('; ');
  const suggestion = (validation.suggestions ?? []).join(' ');
  return new StageFailed('INVALID_CONFIG', `It cannot go on: ${reasons}.`, { suggestion });
}
