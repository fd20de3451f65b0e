import * as z from 'zod/mini';
import { STAGES } from '../domain/status.ts';
import { DEPLOYMENT_ERROR_CODES } from '../errors/codes.ts';
import { deploymentId, isoInstant } from './ids.ts';

// What several views of a deployment have in common.

export const stageName = z.enum([...STAGES, 'settle']);

export const deploymentError = z.strictObject({
  code: z.enum(DEPLOYMENT_ERROR_CODES),
  stage: stageName,
  message: z.string(),
  cause: z.optional(z.string()),
  exitCode: z.optional(z.number()),
  retryable: z.boolean(),
  suggestion: z.string(),
  recovery: z.enum(['retry', 'fix', 'manual', 'check']),
  severity: z.enum(['critical', 'recoverable', 'temporary']),
});

/** How far traffic has moved, of a strategy that takes steps. */
export const rolloutView = z.strictObject({
  /** The step that was begun last, from 1. */
  step: z.number(),
  steps: z.array(z.strictObject({ weight: z.number(), bakeSeconds: z.number() })),
  /** Percent of the visitors that get this release. */
  weight: z.number(),
  /** It bakes until then, unless it is promoted or aborted; absent while traffic moves and at the end. */
  until: z.optional(isoInstant),
});

export const possible = { canCancel: z.boolean(), canRetry: z.boolean(), canRollback: z.boolean() };
/** How what it made does; `unknown`: nothing of it is served. */
export const health = z.strictObject({
  state: z.enum(['healthy', 'unhealthy', 'unknown']),
  message: z.string(),
  checkedAt: z.optional(isoInstant),
});
/** Why something is not possible, by the name of the flag. */
export const reasons = z.record(z.string(), z.string());
/**
 * By the median of the latest successful ones like it, stage by stage; absent where there were none, or where it
 * waits for others.
 */
export const estimatedRemainingSeconds = z.optional(z.number());

/** Where it stands in line for its environment: 1 is next. Absent where it does not wait for that. */
export const queuePlace = z.strictObject({ position: z.number(), behind: z.optional(deploymentId) });
