import { expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { healthOf } from '../../../shared/domain/deployment-health.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { AT, aDeployment } from '../../support/records.ts';

const red = deploymentError({ code: 'LIVE_CHECK_FAILED', stage: 'activate', message: 'It answered 500.' });
const cut = deploymentError({ code: 'TIMEOUT', stage: 'activate', message: 'The target took too long.' });
const rollout = { steps: [], step: 0, weight: 10 };
const checked = { stages: [{ name: 'activate', status: 'succeeded', attempts: 1, finishedAt: AT }] } as const;

test.each<[string, Partial<Deployment>, object]>([
  ['builds', { status: 'building' }, { state: 'unknown', message: 'nothing of it is served yet' }],
  [
    'is live with checks that passed',
    { status: 'succeeded', releaseState: 'active', ...checked },
    { state: 'healthy', checkedAt: AT },
  ],
  ['gets its share of visitors', { status: 'deploying', rollout }, { state: 'healthy' }],
  [
    'has passed its checks and ends',
    { status: 'deploying', ...checked },
    { state: 'healthy', checkedAt: AT },
  ],
  [
    'runs its post hooks, all visitors having its release',
    {
      status: 'deploying',
      activation: { round: 1, enteredAt: AT, work: { kind: 'hook', hook: 0 } },
    },
    { state: 'healthy', message: 'its live checks passed' },
  ],
  [
    'could not be made live, which is no check that passed',
    {
      status: 'deploying',
      failure: cut,
      stages: [{ name: 'activate', status: 'failed', attempts: 1, finishedAt: AT }],
    },
    { state: 'unknown', message: 'its activation failed' },
  ],
  [
    'fails its live check',
    { status: 'deploying', failure: red },
    { state: 'unhealthy', message: 'It answered 500.' },
  ],
  [
    'stayed live although its check failed',
    { status: 'failed', releaseState: 'active', error: red } as Partial<Deployment>,
    { state: 'unhealthy' },
  ],
  [
    'was switched back',
    { status: 'failed', releaseState: 'rolled-back', error: red } as Partial<Deployment>,
    { state: 'unknown' },
  ],
  ['is served although it timed out', { status: 'timeout', releaseState: 'active' }, { state: 'unknown' }],
  ['was replaced', { status: 'succeeded', releaseState: 'inactive' }, { state: 'unknown' }],
])('a deployment that %s', (_what, changes, health) => {
  expect(healthOf(aDeployment(changes as object))).toMatchObject(health);
});
