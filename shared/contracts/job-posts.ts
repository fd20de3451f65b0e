import * as z from 'zod/mini';
import { LOG_LEVELS } from '../domain/log.ts';
import { MAX_MESSAGE_BYTES } from '../domain/log-limits.ts';
import { hookName } from './ids.ts';

/** Longest batch: fits API Gateway's 10 MB and the handler's memory with room. */
export const MAX_BATCH_BYTES = 256 * 1024;
export const MAX_BATCH_LINES = 2000;
/** Longest stored message in bytes (UTF-8); the runner splits longer lines and marks the split. */
export const MAX_LINE_BYTES = MAX_MESSAGE_BYTES;

const isHookStep = (value: unknown) =>
  typeof value === 'string' && value.startsWith('hook:') && hookName.safeParse(value.slice(5)).success;
/** A hook's own step. */
const hookStep = z.custom<`hook:${string}`>(isHookStep, 'must be hook: and the name of a hook');

/** A batch of lines. `offset` counts the lines this job sent before this batch; the first batch has 0. */
export const linesRequest = z.strictObject({
  offset: z.number().check(z.int(), z.minimum(0)),
  lines: z
    .array(
      z.strictObject({
        at: z.number().check(z.int(), z.minimum(0)),
        level: z.enum(LOG_LEVELS),
        step: z.string().check(z.maxLength(60)),
        /** One line: NUL, CR and LF in it are shown by their pictures. Half a surrogate pair is no JSON text. */
        message: z.string(),
      }),
    )
    .check(z.maxLength(MAX_BATCH_LINES)),
  /** Where the job stands; moves the deployment's progress and current step. */
  step: z.optional(z.union([z.enum(['clone', 'install', 'build', 'upload']), hookStep])),
});
export type LinesRequest = z.infer<typeof linesRequest>;

export const beatRequest = z.strictObject({});

/** Every answer to a post says what the runner has to do now, and from which offset to go on. */
export const postAnswer = z.strictObject({
  verdict: z.enum(['go-on', 'cancel', 'gone']),
  /** The next offset that ingest expects from this job. */
  nextOffset: z.number(),
  /** How long the runner may gather lines before it flushes (250 ms watched, 5,000 ms not). */
  flushMs: z.number(),
});
export type PostAnswer = z.infer<typeof postAnswer>;
