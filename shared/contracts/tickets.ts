import * as z from 'zod/mini';
import { isoInstant } from './ids.ts';

/** Opens one socket (`wss://<url>?ticket=<ticket>`), or begins one stream of events, within a minute. */
export const ticketView = z.strictObject({
  /** Absent in the repeated answer to an Idempotency-Key: it was shown once. */
  ticket: z.optional(z.string()),
  url: z.string(),
  expiresAt: isoInstant,
});
export type TicketView = z.infer<typeof ticketView>;
