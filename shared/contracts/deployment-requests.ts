import * as z from 'zod/mini';
import { BAKE, faultOfSteps, MAX_STEPS, STRATEGIES } from '../domain/strategy.ts';
import { requestedHooks } from './hooks.ts';
import { environmentName, projectId, versionId } from './ids.ts';
import { settingsObject } from './json.ts';
import { queryInt } from './list.ts';
import { branchName, commitId, tagName } from './source.ts';

/** Longest wait of a request for a change, in seconds (the HTTP API cuts at 29). */
export const MAX_WAIT_SECONDS = 25;
export const waitSeconds = z._default(z.optional(queryInt(0, MAX_WAIT_SECONDS)), 0);

const sourceRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('branch'), ref: branchName }),
  z.strictObject({ type: z.literal('tag'), ref: tagName }),
  z.strictObject({ type: z.literal('commit'), ref: commitId }),
]);

const stepRequest = z.strictObject({
  /** Percent of the visitors. */
  weight: z.number().check(z.int(), z.minimum(1), z.maximum(100)),
  /** How long it is looked at before anything goes on; 5 minutes unless it is the last step. */
  bakeSeconds: z.optional(z.number().check(z.int(), z.minimum(BAKE.min), z.maximum(BAKE.max))),
});

/** `POST /deployments/{id}/retry` */
export const retryRequest = z.strictObject({
  /** Although what is served is unhealthy; absent: as the deployment that is tried again was started. */
  force: z.optional(z.boolean()),
});

/** `POST /deployments/{id}/promote` */
export const promoteRequest = z.strictObject({
  /** The step that is meant, as `rollout.step` shows it; another one is not promoted by mistake then. */
  step: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(MAX_STEPS))),
  /** To everybody at once instead of the next step. */
  all: z._default(z.optional(z.boolean()), false),
});
/** `POST /deployments/{id}/abort` */
export const abortRequest = z.strictObject({
  reason: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
});

/** `POST /deployments`. Without version and source: the default branch of the project's repository. */
export const deploymentRequest = z
  .strictObject({
    projectId,
    /** Absent: the project's default environment. */
    environment: z.optional(environmentName),
    versionId: z.optional(versionId),
    source: z.optional(sourceRequest),
    strategy: z._default(z.optional(z.enum(STRATEGIES)), 'all-at-once'),
    /** Canary: weights that rise to 100. Blue-green: one step, whose bake comes after the switch. */
    steps: z.optional(z.array(stepRequest).check(z.minLength(1), z.maxLength(MAX_STEPS))),
    message: z.optional(z.string().check(z.maxLength(500))),
    /**
     * How it came about. `webhook`, `schedule` and `automatic` say that no person decided on it now: such a start is
     * refused where a rollback pinned the environment or blocked the version.
     */
    method: z._default(z.optional(z.string().check(z.minLength(1), z.maxLength(50))), 'api'),
    configOverride: z.optional(settingsObject),
    parametersOverride: z.optional(settingsObject),
    /** They come behind the hooks of the environment and replace none of them. */
    hooks: z.optional(requestedHooks),
    /** Absent: what the environment says. */
    rollbackOnFailure: z.optional(z.boolean()),
    force: z._default(z.optional(z.boolean()), false),
  })
  .check(
    z.refine((body) => body.versionId === undefined || body.source === undefined, {
      path: ['source'],
      error: 'must not be given together with versionId: a version has its source',
    }),
    z.check((context) => {
      const { strategy, steps } = context.value;
      const fault = steps && faultOfSteps(strategy, steps);
      if (fault === undefined) return;
      const path = ['steps', ...fault.path];
      context.issues.push({ code: 'custom', path, message: fault.message, input: steps });
    }),
  );
export type DeploymentRequest = z.infer<typeof deploymentRequest>;

export const startQuery = z.strictObject({ wait: waitSeconds });

/** `GET /deployments/{id}`: answers at once, or as soon as the revision differs from the one given. */
export const deploymentQuery = z.strictObject({
  wait: waitSeconds,
  revision: z.optional(queryInt(0, 999_999_999)),
});
