import * as z from 'zod/mini';
import { LOG_LEVELS, LOG_SOURCES } from '../domain/log.ts';
import { isoInstant } from './ids.ts';

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

export const logPage = z.strictObject({
  items: z.array(logLine),
  /** Line number to pass as `after` for what follows; absent when nothing follows. */
  nextCursor: z.optional(z.string()),
  /** Present once the log is complete. */
  end: z.optional(logEnd),
});
export type LogPage = z.infer<typeof logPage>;
