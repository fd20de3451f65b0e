import { expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { resultMetrics } from '../../../shared/domain/result-metrics.ts';
import { aDeployment } from '../../support/records.ts';

test('what a deployment came to is told in numbers, with the code of its error', () => {
  const error = deploymentError({ code: 'BUILD_FAILED', stage: 'build', message: 'Exit 7.' });
  const cost = { ...aDeployment().cost, transitions: 8, buildSeconds: 31 };
  const artifact = { key: 'a.zip', digest: 'a'.repeat(64), size: 1000, files: 3 };
  const ended = aDeployment({ status: 'failed', cost, artifact, ...{ durationSeconds: 40, error } });
  expect(resultMetrics(ended)).toMatchObject({
    durationSeconds: 40,
    artifactBytes: 1000,
    artifactFiles: 3,
    errorCode: 'BUILD_FAILED',
    transitions: 8,
    buildSeconds: 31,
  });
});

test('what is not known of it is left out', () => {
  const metrics = resultMetrics(aDeployment());
  for (const name of ['durationSeconds', 'artifactBytes', 'errorCode'])
    expect(metrics).not.toHaveProperty(name);
});
