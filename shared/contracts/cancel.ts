import * as z from 'zod/mini';
import { waitSeconds } from './deployment-requests.ts';
import { isoInstant } from './ids.ts';

/** `POST /deployments/{id}/cancel?wait=`: `wait` answers when it has ended, or after that many seconds. */
export const cancelQuery = z.strictObject({ wait: waitSeconds });

export const cancelRequest = z.strictObject({
  /** For whoever reads the record or the log. */
  reason: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
});

/**
 * What became of the wish. `stopped`: it ended as canceled, or nothing runs for it and nothing will. `stopping`: what
 * runs is being stopped or switched back, and has ended by `until`. `already-finished` is the `outcome` of the
 * refusal (409 INVALID_STATE) where the deployment had ended by itself.
 */
export const cancelView = z.strictObject({
  outcome: z.enum(['stopped', 'stopping', 'already-finished']),
  until: z.optional(isoInstant),
});
export type CancelView = z.infer<typeof cancelView>;
