import * as z from 'zod/mini';
import { DEADLINES } from '../domain/deadlines.ts';
import { LOG_DAYS } from '../domain/log-limits.ts';
import { MAX_PROMOTE_FROM } from '../domain/promotion-order.ts';
import { CONCURRENCIES, ENVIRONMENT_TYPES } from '../domain/records.ts';
import { approvalRule } from './approvals.ts';
import { environmentHooks } from './hooks.ts';
import { deploymentId, environmentName, isoInstant } from './ids.ts';
import { settingsObject } from './json.ts';
import { absoluteUrl } from './projects.ts';
import { blockedView, pinView } from './rollback.ts';

const seconds = ({ min, max }: { min: number; max: number }) =>
  z.optional(z.number().check(z.int(), z.minimum(min), z.maximum(max)));
const count = (min: number, max: number) => seconds({ min, max });

const healthCheck = z.strictObject({
  /** Probed instead of the environment's own address. */
  url: z.optional(absoluteUrl),
  path: z.optional(
    z.string().check(z.maxLength(1000), z.regex(/^\/[^\s\\]*$/, 'must start with / and hold no white space')),
  ),
  expectStatus: count(100, 599),
  timeoutSeconds: count(1, 30),
  intervalSeconds: count(1, 60),
  attempts: count(1, 20),
});

const timeouts = z.strictObject({
  claimSeconds: seconds(DEADLINES.claim),
  heartbeatSeconds: seconds(DEADLINES.heartbeat),
  gateSeconds: seconds(DEADLINES.gate),
  buildSeconds: seconds(DEADLINES.build),
  releaseSeconds: seconds(DEADLINES.release),
  verifySeconds: seconds(DEADLINES.verify),
  activateSeconds: seconds(DEADLINES.activate),
  drainSeconds: seconds(DEADLINES.drain),
  deploymentSeconds: seconds(DEADLINES.deployment),
});

const retention = z.strictObject({
  /** How long lines of logs stay in the database; after that they are read from the log's archive. */
  logDays: seconds(LOG_DAYS),
});

const promoteFrom = z.array(environmentName).check(
  z.maxLength(MAX_PROMOTE_FROM),
  z.refine((names) => new Set(names).size === names.length, 'must not name an environment twice'),
);

/** How what is served is, as far as a live check has seen it. */
export const healthView = z.strictObject({
  state: z.enum(['healthy', 'unhealthy']),
  /** The deployment that this was seen of. */
  deploymentId,
  versionNumber: z.number(),
  at: isoInstant,
  /** What the live check said, where it failed. */
  reason: z.optional(z.string()),
});

/** `POST .../environments`; and what a PATCH has to lead to. */
export const environmentRequest = z.strictObject({
  name: environmentName,
  type: z.enum(ENVIRONMENT_TYPES),
  /** The one that is meant where a request names none; a project has exactly one. */
  isDefault: z._default(z.optional(z.boolean()), false),
  configuration: z._default(z.optional(settingsObject), {}),
  /**
   * What a second start meets: `reject` answers 409 with the id that holds the slot, `queue` has it wait in line,
   * `supersede` too, and what waited before is canceled; what runs never is.
   */
  concurrency: z._default(z.optional(z.enum(CONCURRENCIES)), 'reject'),
  /** People who have to agree before anything is changed here. */
  approvals: z.optional(approvalRule),
  /** Environments of the project in which the same commit or artifact must have succeeded before it comes here. */
  promoteFrom: z.optional(promoteFrom),
  healthCheck: z.optional(healthCheck),
  /** What runs before and after each deployment: calls and commands, in their order. */
  hooks: z.optional(environmentHooks),
  /** Where live checks or post hooks fail, what was served before is switched back. */
  rollbackOnFailure: z._default(z.optional(z.boolean()), true),
  timeouts: z._default(z.optional(timeouts), {}),
  retention: z.optional(retention),
});
export type EnvironmentRequest = z.infer<typeof environmentRequest>;

export const environmentView = z.strictObject({
  name: z.string(),
  projectId: z.string(),
  type: z.enum(ENVIRONMENT_TYPES),
  isDefault: z.boolean(),
  configuration: settingsObject,
  concurrency: z.enum(CONCURRENCIES),
  approvals: z.optional(approvalRule),
  promoteFrom: z.optional(z.array(z.string())),
  healthCheck: z.optional(healthCheck),
  hooks: z.optional(environmentHooks),
  rollbackOnFailure: z.boolean(),
  timeouts,
  retention: z.optional(retention),
  /** Deployment that is live now. */
  active: z.optional(deploymentId),
  /** What a rollback goes back to by default. */
  previousGood: z.optional(deploymentId),
  url: z.optional(z.string()),
  /** Absent: no live check has said anything about what is served. */
  health: z.optional(healthView),
  pin: z.optional(pinView),
  /** Newest last. */
  blocked: z.array(blockedView),
  /** Absent members: nobody changes this environment at the moment. */
  slot: z.strictObject({
    owner: z.optional(z.string()),
    since: z.optional(isoInstant),
    reason: z.optional(z.string()),
  }),
  /** What waits for the slot, the next one first. */
  queue: z.array(deploymentId),
  createdAt: isoInstant,
  updatedAt: isoInstant,
  revision: z.number(),
});
export type EnvironmentView = z.infer<typeof environmentView>;

/** `POST .../slot/release` */
export const slotReleaseRequest = z.strictObject({
  reason: z.string().check(z.minLength(1), z.maxLength(500)),
});
export type SlotReleaseRequest = z.infer<typeof slotReleaseRequest>;
