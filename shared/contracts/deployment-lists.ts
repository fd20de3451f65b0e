import * as z from 'zod/mini';
import { RELEASE_STATES, STATUSES } from '../domain/status.ts';
import { STRATEGIES } from '../domain/strategy.ts';
import { estimatedRemainingSeconds, health, possible, reasons, stageName } from './deployment-parts.ts';
import { deploymentId, environmentName, isoInstant, projectId, versionId } from './ids.ts';
import { listQuery, queryFlag } from './list.ts';
import { logLine } from './logs.ts';

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
