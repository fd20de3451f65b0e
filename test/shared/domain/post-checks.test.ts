import { describe, expect, test } from 'vitest';
import { withPostChecks } from '../../../shared/domain/post-checks.ts';
import { aDeployment, ids } from '../../support/records.ts';

const artifact = { key: 'artifacts/x.zip', digest: 'b'.repeat(64), size: 1, files: 1 };
const base = aDeployment();
const ended = (changes: object = {}) => ({
  ...base,
  validation: {
    passed: true,
    checks: [{ name: 'project', passed: true, message: 'can be deployed' }],
    errors: [],
    warnings: ['slow'],
  },
  snapshot: { ...base.snapshot, frozen: true },
  status: 'succeeded' as const,
  releaseState: 'active' as const,
  activating: true,
  artifact,
  ...changes,
});
const serves = (deploymentId: string | undefined) => ({ active: { deploymentId } });

describe('what is looked at once traffic has moved', () => {
  test('stands beside what was checked before', () => {
    const validation = withPostChecks(ended(), serves(ids.deployment));
    expect(validation).toMatchObject({ passed: true, errors: [], warnings: ['slow'] });
    expect(validation.checks.map(({ name, passed }) => `${name} ${passed}`)).toEqual([
      'project true',
      'record true',
      'snapshot true',
      'status true',
      'served true',
    ]);
  });

  test.each([
    ['record', ended({ artifact: undefined }), serves(ids.deployment)],
    ['snapshot', ended({ snapshot: base.snapshot }), serves(ids.deployment)],
    ['status', ended({ status: 'failed' }), serves(ids.deployment)],
    ['status', ended({ releaseState: 'rolled-back' }), serves(ids.deployment)],
    ['served', ended(), serves(ids.previous)],
    ['served', ended(), serves(undefined)],
    ['served', ended(), { active: 'same' } as const],
  ])('fails by its %s, and says so among the errors', (name, record, ending) => {
    const { passed, checks, errors } = withPostChecks(record, ending);
    expect(passed).toBe(false);
    const failed = checks.filter((check) => !check.passed);
    expect(failed.map((check) => check.name)).toEqual([name]);
    expect(errors).toEqual(failed.map(({ message }) => message));
  });

  test('names what is served instead', () => {
    const { errors } = withPostChecks(ended(), serves(ids.previous));
    expect(errors).toEqual([`production serves ${ids.previous}`]);
  });

  test('is nothing where a deployment never got to its activation', () => {
    const record = ended({ activating: false });
    expect(withPostChecks(record, { active: 'same' })).toEqual(record.validation);
  });
});
