import * as z from 'zod/mini';
import { LOG_LEVELS, LOG_SOURCES } from '../domain/log.ts';
import { deploymentId, isoInstant } from './ids.ts';
import { queryInt } from './list.ts';

const hexDigest = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** A line as the API, the sockets and the archive show it. */
export const logLine = z.strictObject({
  n: z.number(),
  at: isoInstant,
  level: z.enum(LOG_LEVELS),
  step: z.string(),
  source: z.enum(LOG_SOURCES),
  message: z.string(),
  /** Only on a line whose text was purged: SHA-256 (hex) of the line as it was, which the log's hash goes on from. */
  digest: z.optional(hexDigest),
});
export type LogLineView = z.infer<typeof logLine>;

/** Where a text was found in a message: code units (as `String.slice` counts) from `from` up to, without, `to`. */
export const logHit = z.strictObject({ from: z.number(), to: z.number() });

/** A line of a page; with `search`, where in its message the text stands. */
const logItem = z.extend(logLine, { hits: z.optional(z.array(logHit)) });

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
  items: z.array(logItem),
  /** Line number to pass as `after` for what follows; absent when nothing follows. */
  nextCursor: z.optional(z.string()),
  /** Line number to pass as `before` for what stands before; absent at the beginning. */
  previousCursor: z.optional(z.string()),
  /**
   * The lines that were looked at for this page, whether they passed the filters or not; absent where there are no
   * filters. With no items and a `nextCursor` it says: nothing up to line `to`, go on from there.
   */
  scanned: z.optional(z.strictObject({ from: z.number(), to: z.number() })),
  /** Present once the log is complete. */
  end: z.optional(logEnd),
});
export type LogPage = z.infer<typeof logPage>;

/** `POST /deployments/{id}/logs/purge`: the text of these lines, both included, is to be nowhere any more. */
export const purgeRequest = z
  .strictObject({
    from: z.number().check(z.int(), z.minimum(1), z.maximum(999_999_999)),
    to: z.number().check(z.int(), z.minimum(1), z.maximum(999_999_999)),
    /** For everybody who finds the lines gone; must not repeat what they said. */
    reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(500)),
  })
  .check(z.refine(({ from, to }) => from <= to, { error: 'must not be below from', path: ['to'] }));
export type PurgeRequest = z.infer<typeof purgeRequest>;

/**
 * Who had which lines purged, when and why. Nobody reads them from `at` on, and log, archive and record hold no copy from
 * `doneAt` on. Whoever archived the log in that very moment may have written one after; from `checkedAt` on not even that.
 */
export const purgeView = z.strictObject({
  from: z.number(),
  to: z.number(),
  reason: z.string(),
  by: z.string(),
  at: isoInstant,
  doneAt: z.optional(isoInstant),
  checkedAt: z.optional(isoInstant),
});
export const purgeAnswer = z.extend(purgeView, { deploymentId });
export type PurgeAnswer = z.infer<typeof purgeAnswer>;
