import { describe, expect, test } from 'vitest';
import {
  asDeploymentError,
  CLASSIFICATION,
  deploymentError,
} from '../../../shared/domain/deployment-errors.ts';
import { DEPLOYMENT_ERROR_CODES } from '../../../shared/errors/codes.ts';
import { StageFailed } from '../../../shared/errors/deployments.ts';
import { NotFound, PlatformUnavailable } from '../../../shared/errors/requests.ts';

describe('every code of a failed deployment', () => {
  test.each(DEPLOYMENT_ERROR_CODES)('%s says what to do, in a sentence', (code) => {
    const { suggestion, recovery, severity } = CLASSIFICATION[code];
    expect(suggestion).toMatch(/^[A-Z].*\.$/);
    expect(['retry', 'fix', 'manual', 'check']).toContain(recovery);
    expect(['critical', 'recoverable', 'temporary']).toContain(severity);
  });

  test('what a retry helps is temporary and retryable; what must be mended first is not retryable', () => {
    for (const meaning of Object.values(CLASSIFICATION)) {
      if (meaning.recovery === 'retry')
        expect(meaning).toMatchObject({ severity: 'temporary', retryable: true });
      if (meaning.recovery === 'fix') expect(meaning.retryable).toBe(false);
    }
  });
});

test('what whoever raised the failure knows wins over the table', () => {
  const failure = deploymentError({
    code: 'BUILD_FAILED',
    stage: 'build',
    message: 'npm run build ended with 7.',
    exitCode: 7,
    retryable: true,
    suggestion: 'Look at line 3.',
  });
  expect(failure).toEqual({
    code: 'BUILD_FAILED',
    stage: 'build',
    message: 'npm run build ended with 7.',
    exitCode: 7,
    retryable: true,
    suggestion: 'Look at line 3.',
    recovery: 'fix',
    severity: 'recoverable',
  });
});

describe('an error that reaches the edge of a stage', () => {
  test('of ours keeps its code, its words and its exit code', () => {
    const error = new StageFailed('AUTH_FAILED', 'The token was refused.', { exitCode: 128 });
    expect(asDeploymentError(error, 'gate')).toMatchObject({
      code: 'AUTH_FAILED',
      stage: 'gate',
      message: 'The token was refused.',
      exitCode: 128,
    });
    expect(asDeploymentError(new PlatformUnavailable('No answer.'), 'release')).toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
      retryable: true,
    });
  });

  test('that is none of a deployment becomes INTERNAL, and its text stays out of the record', () => {
    for (const error of [
      new TypeError('secret=hunter2'),
      new NotFound('PROJECT_NOT_FOUND', 'hunter2'),
      'hunter2',
    ]) {
      const failure = asDeploymentError(error, 'build');
      expect(failure).toMatchObject({ code: 'INTERNAL', stage: 'build', severity: 'critical' });
      expect(JSON.stringify(failure)).not.toContain('hunter2');
    }
  });
});
