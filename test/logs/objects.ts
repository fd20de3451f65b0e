import type { Objects } from '../../shared/platform/objects.ts';

const refuse = () => Promise.reject(new Error('Nobody signs anything here.'));

/** The objects of one bucket in memory, as far as archives of logs need them. */
export function memoryObjects(): Objects & { all(): Iterable<readonly [string, Uint8Array]> } {
  const objects = new Map<string, Uint8Array>();
  return {
    all: () => objects,
    size: async (key) => objects.get(key)?.byteLength,
    read: async (key, range) => {
      if (range === undefined) return objects.get(key);
      return 'last' in range
        ? objects.get(key)?.slice(-range.last)
        : objects.get(key)?.slice(range.from, range.to + 1);
    },
    write: async (key, bytes) => void objects.set(key, bytes),
    remove: async (key) => void objects.delete(key),
    signPut: refuse,
    signGet: refuse,
  };
}
