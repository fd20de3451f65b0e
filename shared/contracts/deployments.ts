import * as z from 'zod/mini';
import { approvalView } from './approvals.ts';
import { costView } from './deployment-cost.ts';
import { deploymentRow } from './deployment-lists.ts';
import { deploymentError, queuePlace, rolloutView, stageName } from './deployment-parts.ts';
import { freezeOverrideView } from './freezes.ts';
import { hookRunView, hooksSnapshot } from './hooks.ts';
import { deploymentId, isoInstant } from './ids.ts';
import { settingsObject } from './json.ts';
import { purgeView } from './logs.ts';
import { rollbackView, rolledBackView } from './rollback.ts';

export const deploymentView = z.strictObject({
  ...z.omit(deploymentRow, {
    error: true,
    reasons: true,
    health: true,
    estimatedRemainingSeconds: true,
    stageSeconds: true,
    logs: true,
  }).shape,
  rollout: z.optional(rolloutView),
  configSnapshot: settingsObject,
  parametersSnapshot: settingsObject,
  /** Hooks of environment and request as they run; absent where it has none. */
  hooksSnapshot: z.optional(hooksSnapshot),
  /** What it was built from; what of it, `source` says. */
  repository: z.optional(z.strictObject({ url: z.string() })),
  /** What the target is; its settings stand with the project. */
  target: z.strictObject({ kind: z.enum(['site', 'custom']) }),
  buildId: z.optional(z.string()),
  runner: z.optional(z.string()),
  artifact: z.optional(z.strictObject({ id: z.string(), digest: z.string(), size: z.number() })),
  previewUrls: z.array(z.string()),
  parentDeploymentId: z.optional(deploymentId),
  retryCount: z.number(),
  previousDeploymentId: z.optional(deploymentId),
  /** What a rollback of it goes back to by default, once it is live. */
  previousGood: z.optional(deploymentId),
  rollback: z.optional(rollbackView),
  rolledBack: z.optional(rolledBackView),
  queue: z.optional(queuePlace),
  approval: z.optional(approvalView),
  /** Freezes that somebody lifted for this deployment. */
  freezeOverrides: z.optional(z.array(freezeOverrideView)),
  /** The moment it was planned for; later than `window` seconds after it, it would have been missed. */
  schedule: z.optional(
    z.strictObject({ id: z.string(), at: isoInstant, window: z.number(), autoCancel: z.boolean() }),
  ),
  validation: z.strictObject({
    passed: z.boolean(),
    checks: z.array(z.strictObject({ name: z.string(), passed: z.boolean(), message: z.string() })),
    errors: z.array(z.string()),
    warnings: z.array(z.string()),
    /** What to do about the errors. */
    suggestions: z.optional(z.array(z.string())),
  }),
  error: z.optional(deploymentError),
  /** The wish that it ends; `code` where a rule wished it. */
  cancelRequested: z.optional(
    z.strictObject({
      at: isoInstant,
      by: z.string(),
      reason: z.optional(z.string()),
      code: z.optional(z.enum(['SUPERSEDED', 'REJECTED', 'EXPIRED', 'MISSED'])),
    }),
  ),
  cost: costView,
  stages: z.array(
    z.strictObject({
      name: stageName,
      status: z.enum(['pending', 'running', 'succeeded', 'failed', 'skipped']),
      startedAt: z.optional(isoInstant),
      finishedAt: z.optional(isoInstant),
      attempts: z.number(),
      message: z.optional(z.string()),
    }),
  ),
  /** What became of its hooks, in the order in which they run; absent where it has none. */
  hooks: z.optional(z.array(hookRunView)),
  /** Lines of its log that somebody had purged; absent: none. */
  purges: z.optional(z.array(purgeView)),
  updatedAt: isoInstant,
  revision: z.number(),
});
export type DeploymentView = z.infer<typeof deploymentView>;
