import * as z from 'zod/mini';
import { LOG_LEVELS } from '../domain/log.ts';
import { deploymentId, environmentName, isoInstant, projectId, sha256Hex, slug } from './ids.ts';

/**
 * The contract between Slipway and a team's own deployment server (docs/targets/custom.md): POSTs of JSON to
 * one address, signed as Standard Webhooks. The action stands in the body, so that it is signed too.
 */
export const CUSTOM_CONTRACT = 1;

/** Of the server's choosing; handed back as it was given. */
const releaseId = z.string().check(z.minLength(1), z.maxLength(200));
const cursor = z.string().check(z.minLength(1), z.maxLength(1000));
const jsonObject = z.record(z.string(), z.unknown());

const base = {
  contract: z.literal(CUSTOM_CONTRACT),
  project: z.strictObject({ id: projectId, name: slug }),
  environment: environmentName,
  deploymentId,
  /** Rises with each deployment that may change the environment. */
  fence: z.number().check(z.int(), z.minimum(0)),
};

export const startRequest = z.strictObject({
  action: z.literal('start'),
  ...base,
  /** The zip to place; the link is good for an hour. */
  artifact: z.strictObject({
    url: z.string(),
    digest: sha256Hex,
    size: z.number().check(z.int(), z.minimum(0)),
  }),
  configuration: jsonObject,
  parameters: jsonObject,
  /** Runtime variables of the environment, without the signing secret. */
  variables: z.record(z.string(), z.string()),
});
export const statusRequest = z.strictObject({ action: z.literal('status'), ...base, releaseId });
export const logsRequest = z.strictObject({
  action: z.literal('logs'),
  ...base,
  releaseId,
  /** What the previous answer gave; absent: from the first line. */
  cursor: z.optional(cursor),
});
export const activateRequest = z.strictObject({
  action: z.literal('activate'),
  ...base,
  /** The release to serve; null: nothing, as before the first deployment. */
  releaseId: z.nullable(releaseId),
  /** True where the deployment is undone: `releaseId` is of an earlier one. */
  restore: z.boolean(),
});
export const servingRequest = z.strictObject({ action: z.literal('serving'), ...base });
export const cancelRequest = z.strictObject({
  action: z.literal('cancel'),
  ...base,
  /** Absent where `start` was never answered: whatever goes on for the deployment. */
  releaseId: z.optional(releaseId),
});
export const cleanupRequest = z.strictObject({ action: z.literal('cleanup'), ...base, releaseId });

export const customRequest = z.discriminatedUnion('action', [
  startRequest,
  statusRequest,
  logsRequest,
  activateRequest,
  servingRequest,
  cancelRequest,
  cleanupRequest,
]);
export type CustomRequest = z.infer<typeof customRequest>;
export type CustomAction = CustomRequest['action'];

const url = z.string().check(
  z.maxLength(2048),
  z.refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? '')),
);
const message = z.string().check(z.maxLength(2000));

/** Answers with status 200. Keys that are not here are ignored, so that servers may say more. */
export const customAnswers = {
  start: z.object({
    releaseId,
    /** `pending`: Slipway asks for the status until it is at an end. */
    state: z.enum(['done', 'pending']),
  }),
  status: z.object({
    status: z.enum(['queued', 'building', 'deploying', 'succeeded', 'failed', 'canceled']),
    message: z.optional(message),
    /** Where the release can be seen before it is live. */
    stagedUrl: z.optional(url),
  }),
  logs: z.object({
    lines: z
      .array(
        z.object({
          at: isoInstant,
          level: z.enum(LOG_LEVELS),
          message: z.string().check(z.maxLength(65_536)),
        }),
      )
      .check(z.maxLength(1000)),
    /** Where to go on next time; absent where there was nothing new. */
    cursor: z.optional(cursor),
    /** There are lines after these already. */
    more: z.optional(z.boolean()),
  }),
  activate: z.object({
    /** `pending`: Slipway asks `serving` until it agrees. */
    state: z.enum(['done', 'pending']),
  }),
  serving: z.object({
    /** Both null where nothing of ours is live. */
    deploymentId: z.nullable(deploymentId),
    releaseId: z.nullable(releaseId),
    /** Public address of the environment. */
    url: z.optional(url),
  }),
  cancel: z.object({
    /** Nothing of the deployment goes on any more. */
    stopped: z.boolean(),
  }),
  cleanup: z.object({}),
} satisfies Record<CustomAction, z.ZodMiniType>;
export type CustomAnswer<A extends CustomAction> = z.infer<(typeof customAnswers)[A]>;

/** Any other status, with one of these codes where it applies. */
export const customProblem = z.object({
  error: z.object({
    /** `fence`: a higher fence was seen. `unknown-release`: no such release. `invalid`: cannot be done as asked. */
    code: z.enum(['fence', 'unknown-release', 'invalid', 'failed']),
    message,
  }),
});
export type CustomProblemCode = z.infer<typeof customProblem>['error']['code'];
