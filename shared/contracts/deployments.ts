import * as z from 'zod/mini';
import { RELEASE_STATES, STAGES, STATUSES } from '../domain/status.ts';
import { BAKE, faultOfSteps, MAX_STEPS, STRATEGIES } from '../domain/strategy.ts';
import { DEPLOYMENT_ERROR_CODES } from '../errors/codes.ts';
import { approvalView } from './approvals.ts';
import { freezeOverrideView } from './freezes.ts';
import { hookRunView, hooksSnapshot, requestedHooks } from './hooks.ts';
import { deploymentId, environmentName, isoInstant, projectId, versionId } from './ids.ts';
import { settingsObject } from './json.ts';
import { listQuery, queryFlag, queryInt } from './list.ts';
import { logLine, purgeView } from './logs.ts';
import { rollbackView, rolledBackView } from './rollback.ts';
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

const stageName = z.enum([...STAGES, 'settle']);

const statusList = z
  .string()
  .check(
    z.regex(
      new RegExp(`^(?:${STATUSES.join('|')})(?:,(?:${STATUSES.join('|')}))*$`),
      `must be one or several of ${STATUSES.join(', ')}, separated by commas`,
    ),
  );

/** What a list may be sorted by: the moment of a deployment's creation, of its first step, of its end. */
export const SORTS = ['created', 'started', 'finished'] as const;

const filters = {
  environment: z.optional(environmentName),
  status: z.optional(statusList),
  releaseState: z.optional(z.enum(RELEASE_STATES)),
  triggeredBy: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  sourceRef: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  stage: z.optional(stageName),
  type: z.optional(z.enum(['deploy', 'rollback'])),
  /** At or after, and before: when it was created, or what `sortBy` sorts by. */
  from: z.optional(isoInstant),
  to: z.optional(isoInstant),
  /** `started` and `finished` list one project, and only what has come that far. */
  sortBy: z._default(z.optional(z.enum(SORTS)), 'created'),
  /** The last lines of each one's log with it; at most 20 deployments a page then. */
  includeLogs: queryFlag,
  /** On the first page, how many there are in all: counted, so it costs more the more there are. */
  total: queryFlag,
};

/** `GET /projects/{projectId}/deployments` */
export const projectDeploymentsQuery = z.strictObject({ ...listQuery, ...filters });
/** `GET /deployments` */
export const deploymentsQuery = z.strictObject({
  ...listQuery,
  ...filters,
  projectId: z.optional(projectId),
});
export type DeploymentsQuery = z.infer<typeof deploymentsQuery>;

const commit = z.strictObject({
  sha: z.string(),
  message: z.optional(z.string()),
  author: z.optional(z.string()),
});
const source = z.strictObject({
  type: z.enum(['branch', 'tag', 'commit', 'upload']),
  ref: z.string(),
  commit: z.optional(commit),
});
const trigger = z.strictObject({
  kind: z.enum(['manual', 'api', 'webhook', 'schedule', 'retry', 'rollback', 'automatic']),
  actor: z.string(),
  key: z.optional(z.string()),
});
const deploymentError = z.strictObject({
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

const possible = { canCancel: z.boolean(), canRetry: z.boolean(), canRollback: z.boolean() };
/** How what it made does; `unknown`: nothing of it is served. */
const health = z.strictObject({
  state: z.enum(['healthy', 'unhealthy', 'unknown']),
  message: z.string(),
  checkedAt: z.optional(isoInstant),
});
/** Why something is not possible, by the name of the flag. */
const reasons = z.record(z.string(), z.string());
/**
 * By the median of the latest successful ones like it, stage by stage; absent where there were none, or where it
 * waits for others.
 */
const estimatedRemainingSeconds = z.optional(z.number());

/** A deployment in a list. */
export const deploymentRow = z.strictObject({
  id: deploymentId,
  projectId,
  environment: z.string(),
  type: z.enum(['deploy', 'rollback']),
  method: z.string(),
  versionId,
  versionNumber: z.number(),
  status: z.enum(STATUSES),
  releaseState: z.enum(RELEASE_STATES),
  stage: stageName,
  progress: z.number(),
  message: z.optional(z.string()),
  source,
  trigger,
  strategy: z.enum(STRATEGIES),
  url: z.optional(z.string()),
  error: z.optional(z.strictObject({ code: z.string(), stage: stageName, message: z.string() })),
  createdAt: isoInstant,
  startedAt: z.optional(isoInstant),
  finishedAt: z.optional(isoInstant),
  durationSeconds: z.optional(z.number()),
  currentStep: z.string(),
  ...possible,
  reasons,
  health,
  estimatedRemainingSeconds,
  /** How long each stage took, once it has ended. */
  stageSeconds: z.optional(z.partialRecord(stageName, z.number())),
  /** Only with `includeLogs`: its last lines. */
  logs: z.optional(z.array(logLine)),
});

/** Where it stands in line for its environment: 1 is next. Absent where it does not wait for that. */
export const queuePlace = z.strictObject({ position: z.number(), behind: z.optional(deploymentId) });

/**
 * What it has cost so far: dollars by the list prices of us-east-1, and what was counted. `usd` is `control` (what
 * Slipway itself spends) and `build` (build minutes) together. It is complete once the log is closed.
 */
export const costView = z.strictObject({
  usd: z.number(),
  control: z.number(),
  build: z.number(),
  transitions: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
  /** Messages posted to sockets, and messages that came in over them. */
  posts: z.number(),
  messages: z.number(),
  lambdaMs: z.number(),
  /** The running time by each function's memory. */
  gbSeconds: z.number(),
  invocations: z.number(),
  buildSeconds: z.number(),
  /** Requests to the HTTP API. */
  requests: z.number(),
  /** Requests to SQS, events for the bus, moments given to the scheduler. */
  queued: z.number(),
  events: z.number(),
  schedules: z.number(),
  /** Requests to S3: PUT, COPY, POST, LIST; GET and HEAD. */
  puts: z.number(),
  gets: z.number(),
  /** X-Ray traces recorded. */
  traces: z.number(),
  /** Bytes sent to viewers, and bytes of the log as they are stored. */
  sentBytes: z.number(),
  storedBytes: z.number(),
  /** Calls of AWS of any kind. */
  calls: z.number(),
});

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
