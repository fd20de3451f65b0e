import type { Json, JsonObject } from './records.ts';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * JSON merge patch (RFC 7396): objects merge field by field, null removes a field, everything else (lists too)
 * replaces what was there. Fields named like parts of Object's prototype stay plain fields.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const fields = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) fields.delete(name);
    else fields.set(name, mergePatch(fields.get(name), value));
  }
  return Object.fromEntries(fields);
}

/** Merges layers in order, the later winning. The first starts from nothing, so a null in it removes nothing. */
export function mergeLayers(...layers: readonly (JsonObject | undefined)[]): JsonObject {
  let merged: JsonObject = {};
  // Merging an object into an object gives an object.
  for (const layer of layers) merged = mergePatch(merged, layer ?? {}) as JsonObject;
  return merged;
}
