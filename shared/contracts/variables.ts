import * as z from 'zod/mini';
import { isReservedVariable } from '../domain/variable-names.ts';
import { isoInstant } from './ids.ts';
import { byteLength } from './json.ts';

/** The name of a variable, as a shell takes it. */
export const variableKey = z.string().check(
  z.regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    'must be 1-128 letters, digits or underscores and not start with a digit',
  ),
  z.refine((name) => !isReservedVariable(name), 'is reserved: the runner, the shell or AWS sets it'),
);

/** Largest plain value, in bytes: all of them stand in the environment's record and in every snapshot. */
export const MAX_PLAIN_BYTES = 4 * 1024;
/** Largest sensitive value, in bytes: a key or a certificate chain. */
export const MAX_SENSITIVE_BYTES = 64 * 1024;
/** All plain values of an environment together, in bytes. */
export const MAX_PLAIN_TOTAL_BYTES = 64 * 1024;
export const MAX_VARIABLES = 200;

const valueRules = z.check<{ value: string; sensitive: boolean }>((payload) => {
  const { value, sensitive } = payload.value;
  const bytes = byteLength(value);
  const max = sensitive ? MAX_SENSITIVE_BYTES : MAX_PLAIN_BYTES;
  const wrong = bytes > max ? `must be at most ${max} bytes` : emptyOrNul(value, sensitive);
  // Without `input`: an issue must never carry the value.
  if (wrong !== undefined) {
    payload.issues.push({ code: 'custom', message: wrong, path: ['value'], input: undefined });
  }
});

function emptyOrNul(value: string, sensitive: boolean): string | undefined {
  if (value.includes('\u0000')) return 'must not hold a NUL character';
  return sensitive && value === '' ? 'must not be empty where it is sensitive' : undefined;
}

/** `PUT .../variables/{key}` */
export const variableRequest = z
  .strictObject({
    value: z.string(),
    sensitive: z._default(z.optional(z.boolean()), false),
    use: z._default(z.optional(z.enum(['build', 'runtime', 'both'])), 'both'),
  })
  .check(valueRules);
export type VariableRequest = z.infer<typeof variableRequest>;

/** `value` only of a plain one: a sensitive value never comes back. */
export const variableView = z.strictObject({
  key: z.string(),
  sensitive: z.boolean(),
  use: z.enum(['build', 'runtime', 'both']),
  revision: z.number(),
  value: z.optional(z.string()),
  updatedAt: isoInstant,
  updatedBy: z.string(),
});
export type VariableView = z.infer<typeof variableView>;
