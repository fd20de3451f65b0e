import * as z from 'zod/mini';
import { LOG_LEVELS, LOG_SOURCES } from '../domain/log.ts';
import { queryInt } from './list.ts';

/** A slice of Server-Sent Events takes this long at the most, in seconds; it ends with the first event. */
export const SLICE_SECONDS = 25;

/** `GET /deployments/{id}/events`. Where it goes on, the header Last-Event-ID says; it wins over `after`. */
export const eventsQuery = z.strictObject({
  /** Begin behind this line; absent: with line 1. */
  after: z.optional(queryInt(0, 999_999_999)),
  /** This level and what is more severe. */
  level: z.optional(z.enum(LOG_LEVELS)),
  step: z.optional(z.string().check(z.minLength(1), z.maxLength(60))),
  source: z.optional(z.enum(LOG_SOURCES)),
  /** From `POST /realtime/tickets`, for those who cannot send an Authorization header (EventSource). */
  ticket: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
});
