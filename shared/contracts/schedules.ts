import * as z from 'zod/mini';
import { deploymentRequest } from './deployment-requests.ts';
import { timezone } from './freezes.ts';
import { deploymentId, isoInstant, projectId, scheduleId } from './ids.ts';
import { listQuery } from './list.ts';

/** A moment must be this far ahead when it is planned, in seconds (api.md: 5 minutes). */
export const LEAD_SECONDS = 300;

/** Five parts: minute, hour, day of month, month, day of week. What they mean is found out where it is planned. */
const cron = z
  .string()
  .check(
    z.maxLength(100),
    z.regex(/^\S+(?: \S+){4}$/, 'must have five parts: minute, hour, day of month, month, day of week'),
  );

/** What may be changed later. */
const when = {
  at: z.optional(isoInstant),
  cron: z.optional(cron),
  timezone: z._default(z.optional(timezone), 'UTC'),
  /** It does not happen where a newer deployment went live meanwhile; only with `at`. */
  autoCancel: z._default(z.optional(z.boolean()), false),
  /** Seconds before the moment at which `deployment.upcoming` is announced. */
  notifyBefore: z.optional(z.number().check(z.int(), z.minimum(60), z.maximum(7 * 86_400))),
  /** Seconds after the moment within which it may still begin; later it is missed. */
  window: z._default(z.optional(z.number().check(z.int(), z.minimum(60), z.maximum(86_400))), 900),
};

const oneOfBoth = z.refine<{ at?: string | undefined; cron?: string | undefined }>(
  ({ at, cron: rule }) => (at === undefined) !== (rule === undefined),
  { path: ['at'], error: 'either this or `cron` says when' },
);

/** `POST /schedules`: a request for a deployment, and when. */
export const scheduleRequest = z
  .strictObject({
    ...deploymentRequest.shape,
    ...when,
    /** Refused at once where it could not begin now; else that is found out at its moment. */
    validateFirst: z._default(z.optional(z.boolean()), true),
  })
  .check(oneOfBoth);
export type ScheduleRequest = z.infer<typeof scheduleRequest>;

/** What a PATCH has to lead to; the rest of a schedule stays as it was made. */
export const scheduleChange = z.strictObject(when).check(oneOfBoth);

export const scheduleView = z.strictObject({
  id: scheduleId,
  projectId,
  environment: z.string(),
  /** The request for a deployment, as it will be sent. */
  request: z.record(z.string(), z.unknown()),
  at: z.optional(isoInstant),
  cron: z.optional(z.string()),
  timezone: z.string(),
  autoCancel: z.boolean(),
  validateFirst: z.boolean(),
  notifyBefore: z.optional(z.number()),
  window: z.number(),
  /** Absent: it will not happen (any more). */
  nextAt: z.optional(isoInstant),
  /** What waits for the moment of a schedule with `at`. */
  deploymentId: z.optional(deploymentId),
  last: z.optional(
    z.strictObject({
      occurrence: isoInstant,
      outcome: z.enum(['started', 'missed', 'refused']),
      deploymentId: z.optional(deploymentId),
      message: z.optional(z.string()),
    }),
  ),
  createdAt: isoInstant,
  createdBy: z.string(),
  updatedAt: isoInstant,
  revision: z.number(),
});
export type ScheduleView = z.infer<typeof scheduleView>;

export const schedulesQuery = z.strictObject({ ...listQuery, projectId: z.optional(projectId) });

/** What EventBridge Scheduler, or the sweep, hands to `due`. */
export const dueCall = z.object({
  kind: z.enum(['start', 'notify']),
  scheduleId,
  generation: z.number(),
  /** ISO time of the moment. */
  occurrence: isoInstant,
});
export type DueCall = z.infer<typeof dueCall>;
