import type * as z from 'zod/mini';

/** The one reader of `process.env` inside functions; fails at start with the names that are missing. */
export function readEnv<T>(schema: z.ZodMiniType<T>): T {
  return schema.parse(process.env);
}

/**
 * Where AWS is, if not at AWS. The SDK reads this variable by itself; it is needed only for the one client whose
 * endpoint rules do not fit an emulator.
 */
export function awsEndpoint(): string | undefined {
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  return endpoint === undefined || endpoint === '' ? undefined : endpoint;
}
