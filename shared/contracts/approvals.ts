import * as z from 'zod/mini';
import { reason } from './freezes.ts';
import { isoInstant, sha256Hex } from './ids.ts';

/** What an environment asks for before anything is changed in it. */
export const approvalRule = z.strictObject({
  required: z.number().check(z.int(), z.minimum(1), z.maximum(10)),
  /** Only members of one of these count; groups stand in tokens. */
  groups: z.optional(
    z.array(z.string().check(z.minLength(1), z.maxLength(100))).check(z.minLength(1), z.maxLength(20)),
  ),
  allowSelf: z._default(z.optional(z.boolean()), false),
  /** A week by default; 30 days at most, since nobody remembers what they were asked longer ago. */
  expiresInSeconds: z._default(
    z.optional(z.number().check(z.int(), z.minimum(60), z.maximum(30 * 86_400))),
    7 * 86_400,
  ),
});

/** `POST /deployments/{id}/approve` */
export const approveRequest = z.strictObject({
  /** `approval.digest` as it was looked at: where it has changed since, the approval is refused. */
  digest: z.optional(sha256Hex),
  comment: z.optional(reason),
});
/** `POST /deployments/{id}/reject` */
export const rejectRequest = z.strictObject({ reason });

export const approvalView = z.strictObject({
  required: z.number(),
  groups: z.optional(z.array(z.string())),
  allowSelf: z.boolean(),
  given: z.array(z.strictObject({ by: z.string(), at: isoInstant, comment: z.optional(z.string()) })),
  /** Stands for what is agreed to; it changes when that does, and the approvals are void. */
  digest: z.string(),
  requestedAt: isoInstant,
  expiresAt: isoInstant,
});
