import * as z from 'zod/mini';
import { RELEASE_STATES, STATUSES } from '../domain/status.ts';
import {
  deploymentError,
  estimatedRemainingSeconds,
  health,
  possible,
  queuePlace,
  reasons,
  rolloutView,
  stageName,
} from './deployment-parts.ts';
import { deploymentId, isoInstant } from './ids.ts';

export const deploymentStatusView = z.strictObject({
  id: deploymentId,
  status: z.enum(STATUSES),
  releaseState: z.enum(RELEASE_STATES),
  stage: stageName,
  progress: z.number(),
  currentStep: z.string(),
  /** What it is doing or waiting for. */
  message: z.optional(z.string()),
  estimatedRemainingSeconds,
  health,
  /** While it runs. */
  liveMetrics: z.optional(
    z.strictObject({
      stage: stageName,
      elapsedSeconds: z.number(),
      stageElapsedSeconds: z.number(),
      lines: z.number(),
      bytes: z.number(),
      linesPerSecond: z.number(),
    }),
  ),
  queue: z.optional(queuePlace),
  rollout: z.optional(rolloutView),
  /** Where it is served, once that is known. */
  url: z.optional(z.string()),
  /** Why it ended, where it did not succeed. */
  error: z.optional(deploymentError),
  ...possible,
  reasons,
  revision: z.number(),
  at: isoInstant,
});
export type DeploymentStatusView = z.infer<typeof deploymentStatusView>;
