import type { Deployment, Validation } from './records.ts';
import type { Ending } from './settlement.ts';

type Ended = Pick<
  Deployment,
  'id' | 'environment' | 'validation' | 'snapshot' | 'artifact' | 'status' | 'releaseState' | 'activating'
>;

/**
 * `validation` with what is looked at once traffic has moved, beside what was checked before: does the record name
 * what went live, was the snapshot kept, did it end as it should, and does the target serve it? A deployment that
 * never got to its activation has nothing to look at.
 */
export function withPostChecks(ended: Ended, { active }: Pick<Ending, 'active'>): Validation {
  const { validation } = ended;
  if (!ended.activating) return validation;
  const checks = [recordNames(ended), snapshotKept(ended), endedWell(ended), isServed(ended, active)];
  const errors = checks.flatMap(({ passed, message }) => (passed ? [] : [message]));
  return {
    ...validation,
    passed: validation.passed && errors.length === 0,
    checks: [...validation.checks, ...checks],
    errors: [...validation.errors, ...errors],
  };
}

type Check = Validation['checks'][number];

function recordNames({ artifact }: Ended): Check {
  const name = 'record';
  return artifact === undefined
    ? { name, passed: false, message: 'the record does not name the artifact that went live' }
    : { name, passed: true, message: `the record names the artifact that went live: ${artifact.digest}` };
}

function snapshotKept({ snapshot }: Ended): Check {
  const name = 'snapshot';
  return snapshot.frozen
    ? { name, passed: true, message: 'configuration, parameters and variables are kept as they went live' }
    : { name, passed: false, message: 'it went live without a frozen configuration' };
}

function endedWell({ status, releaseState }: Ended): Check {
  const passed = status === 'succeeded' && releaseState === 'active';
  return { name: 'status', passed, message: `it ended as ${status}, its release is ${releaseState}` };
}

function isServed({ id, environment }: Ended, active: Ending['active']): Check {
  const name = 'served';
  if (active === 'same')
    return { name, passed: false, message: `what ${environment} serves could not be read back` };
  const { deploymentId } = active;
  return {
    name,
    passed: deploymentId === id,
    message: `${environment} serves ${deploymentId === id ? 'it' : (deploymentId ?? 'nothing of ours')}`,
  };
}
