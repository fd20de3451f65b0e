import type { Machine } from './machine.ts';
import type { Objects } from './objects.ts';
import { once } from './once.ts';
import type { Queue } from './queue.ts';

/**
 * Parts whose client is loaded with its first call. A function's start is what people wait for, and most calls
 * need few of its clients.
 */
export function lazyObjects(bucket: string): Objects {
  const load = once(async () => (await import('./objects.ts')).objectsOf(bucket));
  return {
    size: async (...args) => (await load()).size(...args),
    read: async (...args) => (await load()).read(...args),
    write: async (...args) => (await load()).write(...args),
    remove: async (...args) => (await load()).remove(...args),
    signPut: async (...args) => (await load()).signPut(...args),
    signGet: async (...args) => (await load()).signGet(...args),
  };
}

/** Answers tokens; starts nothing. */
export function lazyMachine(): Machine {
  const load = once(async () => (await import('./machine.ts')).stepFunctions());
  return {
    start: async (...args) => (await load()).start(...args),
    stop: async (...args) => (await load()).stop(...args),
    state: async (...args) => (await load()).state(...args),
    succeed: async (...args) => (await load()).succeed(...args),
    fail: async (...args) => (await load()).fail(...args),
    heartbeat: async (...args) => (await load()).heartbeat(...args),
  };
}

export function lazyQueue(url: string): Queue {
  const load = once(async () => (await import('./queue.ts')).sqsQueue(url));
  return {
    send: async (...args) => (await load()).send(...args),
    hide: async (...args) => (await load()).hide(...args),
  };
}
