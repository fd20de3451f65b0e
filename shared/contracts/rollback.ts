import * as z from 'zod/mini';
import { deploymentId, isoInstant, versionId } from './ids.ts';

/** `POST /deployments/{id}/rollback`: the deployment that is named is the one to leave. */
export const rollbackRequest = z.strictObject({
  /** The one to go back to; absent: the latest good one that was live before. */
  targetDeploymentId: z.optional(deploymentId),
  /** For everybody who finds the environment changed. */
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(500)),
  /** Leave a deployment although the record says that another is live. */
  force: z._default(z.optional(z.boolean()), false),
});
export type RollbackRequest = z.infer<typeof rollbackRequest>;

/** On a deployment of type rollback. */
export const rollbackView = z.strictObject({
  ofDeploymentId: deploymentId,
  targetDeploymentId: deploymentId,
  reason: z.string(),
  by: z.string(),
  at: isoInstant,
  automatic: z.boolean(),
});

/** On a deployment whose release state is `rolled-back`: when, by whom, why, and what brought back the earlier one. */
export const rolledBackView = z.strictObject({
  at: isoInstant,
  by: z.string(),
  reason: z.string(),
  deploymentId,
});

/** On an environment that was told to stay on what it serves. */
export const pinView = z.strictObject({
  deploymentId,
  at: isoInstant,
  by: z.string(),
  reason: z.string(),
  /** A version with a higher number lifts the pin once it is live. */
  versionNumber: z.number(),
});

/** A version that went wrong in an environment: webhooks and schedules do not start it there again. */
export const blockedView = z.strictObject({
  /** Commit id or digest. */
  key: z.string(),
  versionId,
  versionNumber: z.number(),
  deploymentId,
  at: isoInstant,
  reason: z.string(),
});
