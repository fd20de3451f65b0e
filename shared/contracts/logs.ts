import * as z from 'zod/mini';
import { LOG_LEVELS, LOG_SOURCES } from '../domain/log.ts';
import { isoInstant } from './ids.ts';
import { queryInt } from './list.ts';

/** A line as the API, the sockets and the archive show it. */
export const logLine = z.strictObject({
  n: z.number(),
  at: isoInstant,
  level: z.enum(LOG_LEVELS),
  step: z.string(),
  source: z.enum(LOG_SOURCES),
  message: z.string(),
});
export type LogLineView = z.infer<typeof logLine>;

export const logEnd = z.strictObject({ lines: z.number(), hash: z.string() });

/** Where and how much of a log to read; without a place it begins at the first line. */
export const logsQuery = z
  .strictObject({
    after: z.optional(queryInt(0, 999_999_999)),
    before: z.optional(queryInt(1, 999_999_999)),
    /** The last so many lines. */
    tail: z.optional(queryInt(1, 1000)),
    limit: z._default(z.optional(queryInt(1, 1000)), 100),
    /** This level and what is more severe. */
    level: z.optional(z.enum(LOG_LEVELS)),
    step: z.optional(z.string().check(z.minLength(1), z.maxLength(60))),
    source: z.optional(z.enum(LOG_SOURCES)),
    since: z.optional(isoInstant),
    /** Plain text, whatever its case. */
    search: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
    /** Seconds to wait for lines where there are none yet. */
    wait: z._default(z.optional(queryInt(0, 25)), 0),
  })
  .check(
    z.refine(
      ({ after, before, tail }) => [after, before, tail].filter((place) => place !== undefined).length <= 1,
      {
        error: 'only one of after, before and tail can be given',
        path: ['tail'],
      },
    ),
  );
export type LogsQuery = z.infer<typeof logsQuery>;

export const logPage = z.strictObject({
  items: z.array(logLine),
  /** Line number to pass as `after` for what follows; absent when nothing follows. */
  nextCursor: z.optional(z.string()),
  /** Line number to pass as `before` for what stands before; absent at the beginning. */
  previousCursor: z.optional(z.string()),
  /** Present once the log is complete. */
  end: z.optional(logEnd),
});
export type LogPage = z.infer<typeof logPage>;

/** Opens one socket within a minute: `wss://<url>?ticket=<ticket>`. */
export const ticketView = z.strictObject({
  /** Absent in the repeated answer to an Idempotency-Key: it was shown once. */
  ticket: z.optional(z.string()),
  url: z.string(),
  expiresAt: isoInstant,
});
export type TicketView = z.infer<typeof ticketView>;
