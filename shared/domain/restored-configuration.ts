import { isDeepStrictEqual } from 'node:util';
import { isObject, mergePatch } from './merge.ts';
import type { Json, JsonObject } from './records.ts';

/**
 * The environment's own configuration that makes the next deployment run with what a rollback restored: merged over
 * `below` (project and version, as they are now) it gives `wanted`. It changes what has to change and keeps the rest
 * as it is, so that what people wrote there stays theirs.
 */
export function restoredConfiguration(
  present: JsonObject,
  below: JsonObject,
  wanted: JsonObject,
): JsonObject {
  if (isDeepStrictEqual(mergePatch(below, present), wanted)) return present;
  const fields = new Map<string, Json>();
  for (const name of new Set([...Object.keys(present), ...Object.keys(below), ...Object.keys(wanted)])) {
    const field = fieldFor(own(present, name), own(below, name), own(wanted, name));
    if (field !== undefined) fields.set(name, field);
  }
  return Object.fromEntries(fields);
}

/** Undefined: what is below says it already. Null takes away what is below. */
function fieldFor(
  present: Json | undefined,
  below: Json | undefined,
  wanted: Json | undefined,
): Json | undefined {
  if (wanted === undefined) return below === undefined ? undefined : null;
  if (present === undefined && isDeepStrictEqual(below, wanted)) return undefined;
  if (!isObject(wanted)) return wanted;
  return restoredConfiguration(isObject(present) ? present : {}, isObject(below) ? below : {}, wanted);
}

/** Own fields only: `constructor` is a name like any other. */
const own = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;
