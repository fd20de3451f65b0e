import * as z from 'zod/mini';
import type { JsonObject } from '../domain/records.ts';

/** Deeper than any configuration needs and shallower than any recursion minds. */
const MAX_DEPTH = 20;

/** Largest configuration or parameter object, in bytes of JSON: five of them fit one item of the store. */
export const MAX_SETTINGS_BYTES = 32 * 1024;

/** The database takes no empty name, and its client takes an object with a `constructor` for something else. */
const UNSTORABLE_KEYS = new Set(['', '__proto__', 'constructor']);

/** Larger whole numbers lose digits on the way through JavaScript, smaller fractions are none to the database. */
const isStorable = (value: number) =>
  value === 0 || (Math.abs(value) <= Number.MAX_SAFE_INTEGER && Math.abs(value) >= 1e-100);

function checkJson(value: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return `must not be nested deeper than ${MAX_DEPTH} levels`;
  if (typeof value === 'number' && !isStorable(value))
    return 'must not hold numbers beyond ±(2^53 - 1) or 1e-100';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, field] of Object.entries(value)) {
    if (UNSTORABLE_KEYS.has(key)) return `must not have a field named "${key}"`;
    const problem = checkJson(field, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A JSON object of at most 32 KB. */
export const settingsObject = z.custom<JsonObject>((value) => settingsProblem(value) === undefined, {
  error: (issue) => settingsProblem(issue.input) ?? 'is not valid',
});

/** In UTF-8; browsers read answers by these schemas too, and have no Buffer. */
export const byteLength = (text: string) => new TextEncoder().encode(text).length;

function settingsProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
  const problem = checkJson(value, 0);
  if (problem !== undefined) return problem;
  return byteLength(JSON.stringify(value)) > MAX_SETTINGS_BYTES
    ? `must be at most ${MAX_SETTINGS_BYTES} bytes of JSON`
    : undefined;
}

/** The body of a PATCH: a JSON merge patch (RFC 7396). What it leads to is parsed by the resource's own schema. */
export const mergePatchBody = z.custom<JsonObject>(
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && checkJson(value, 0) === undefined,
  { error: (issue) => checkJson(issue.input, 0) ?? 'must be an object' },
);
