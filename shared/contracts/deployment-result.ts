import * as z from 'zod/mini';
import { RELEASE_STATES, STATUSES } from '../domain/status.ts';
import { deploymentError } from './deployment-parts.ts';
import { deploymentId, isoInstant } from './ids.ts';

export const artifactLink = z.strictObject({
  id: z.string(),
  digest: z.string(),
  size: z.number(),
  files: z.number(),
  url: z.string(),
  expiresAt: isoInstant,
});

/** `GET /deployments/{id}/result`, once it has ended. */
export const deploymentResult = z.strictObject({
  id: deploymentId,
  success: z.boolean(),
  status: z.enum(STATUSES),
  releaseState: z.enum(RELEASE_STATES),
  deploymentUrl: z.optional(z.string()),
  previewUrls: z.array(z.string()),
  artifactUrls: z.array(z.string()),
  metrics: z.strictObject({
    durationSeconds: z.number(),
    buildSize: z.optional(z.number()),
    buildFiles: z.optional(z.number()),
    buildTime: z.optional(z.number()),
  }),
  errors: z.array(deploymentError),
  warnings: z.array(z.string()),
  /** One sentence. */
  summary: z.string(),
});
export type DeploymentResult = z.infer<typeof deploymentResult>;
