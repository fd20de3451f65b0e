import type { DeploymentStatusView } from '../../shared/contracts/deployment-status.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { DEPLOYMENT } from './fake-slipway.ts';

const START = '2026-01-05T09:00:00.000Z';

/** Stages of a deployment in the middle of its build. */
export const BUILDING_STAGES: DeploymentView['stages'] = [
  {
    name: 'gate',
    status: 'succeeded',
    startedAt: START,
    finishedAt: '2026-01-05T09:00:01.000Z',
    attempts: 1,
  },
  { name: 'build', status: 'running', startedAt: '2026-01-05T09:00:01.000Z', attempts: 1 },
  { name: 'release', status: 'pending', attempts: 0 },
  { name: 'verify', status: 'pending', attempts: 0 },
  { name: 'activate', status: 'pending', attempts: 0 },
];

/** What its status says at the same moment, 43 s after it began. */
export const buildingStatus = (more: Partial<DeploymentStatusView> = {}): DeploymentStatusView => ({
  id: DEPLOYMENT,
  status: 'building',
  releaseState: 'none',
  stage: 'build',
  progress: 30,
  currentStep: 'build',
  estimatedRemainingSeconds: 75,
  health: { state: 'unknown', message: 'nothing of it is served yet' },
  liveMetrics: {
    ...{ stage: 'build', elapsedSeconds: 43, stageElapsedSeconds: 42 },
    ...{ lines: 412, bytes: 20_000, linesPerSecond: 12.5 },
  },
  canCancel: true,
  canRetry: false,
  canRollback: false,
  reasons: {},
  revision: 3,
  at: '2026-01-05T09:00:43.000Z',
  ...more,
});
