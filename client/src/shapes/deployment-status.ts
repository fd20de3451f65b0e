import type { DeploymentStatusView } from '../../../shared/contracts/deployment-status.ts';
import { maybe, num, shape, text } from '../shape.ts';
import { error, type Known, possible, queue, rollout, standing } from './deployment-parts.ts';

export const deploymentStatusView = shape<DeploymentStatusView>({
  ...possible,
  ...standing,
  id: text(),
  status: text(),
  releaseState: text(),
  stage: text(),
  progress: num(),
  currentStep: text(),
  message: maybe(text()),
  liveMetrics: maybe(
    shape<Known<DeploymentStatusView, 'liveMetrics'>>({
      stage: text(),
      elapsedSeconds: num(),
      stageElapsedSeconds: num(),
      lines: num(),
      bytes: num(),
      linesPerSecond: num(),
    }),
  ),
  queue: maybe(queue),
  rollout: maybe(rollout),
  url: maybe(text()),
  error: maybe(error),
  revision: num(),
  at: text(),
});
