/** RFC 6901: `['a', 0, 'b/c']` is `/a/0/b~1c`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** What stands at a path of a parsed value; undefined where there is nothing. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    // hasOwn above: the key is there, whatever it is.
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
