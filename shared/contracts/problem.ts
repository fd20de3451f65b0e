import * as z from 'zod/mini';
import { HTTP_STATUS, type HttpErrorCode } from '../errors/codes.ts';

const fieldIssue = z.strictObject({ field: z.string(), message: z.string(), code: z.string() });
const obstacle = z.extend(fieldIssue, { suggestion: z.optional(z.string()) });

// Object.keys forgets which keys the table has.
export const HTTP_ERROR_CODES = Object.keys(HTTP_STATUS) as [HttpErrorCode, ...HttpErrorCode[]];

/**
 * `application/problem+json` (RFC 9457), the body of every refusal. Facts of a refusal (the id that holds
 * a slot, a limit) stand beside these members, so further members may be there.
 */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.enum(HTTP_ERROR_CODES),
  correlationId: z.string(),
  /** JSON pointer into the body, or the name of a path or query parameter or header behind a slash. */
  field: z.optional(z.string()),
  errors: z.optional(z.array(fieldIssue)),
  /** What stands in the way, all of it, and what to do about each. */
  issues: z.optional(z.array(obstacle)),
  /** Those of `issues`, each once. */
  suggestions: z.optional(z.array(z.string())),
  /** What would not have stood in the way. */
  warnings: z.optional(z.array(z.string())),
  stage: z.optional(z.string()),
  suggestion: z.optional(z.string()),
  retryable: z.boolean(),
  recovery: z.optional(z.string()),
  retryAfterSeconds: z.optional(z.number()),
});
export type Problem = z.infer<typeof problem>;
