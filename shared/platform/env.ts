import type * as z from 'zod/mini';

/** The one reader of `process.env` inside functions; fails at start with the names that are missing. */
export function readEnv<T>(schema: z.ZodMiniType<T>): T {
  return schema.parse(process.env);
}
