import type { Clock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { inMemory } from '../lifecycle/cloud/dynamo/memory.ts';
import { freshTables } from './dynamo.ts';
import { SERVICE_TABLES } from './tables.ts';

/** A clock that stands where a test put it; `sleep` moves it on. */
export interface TestClock extends Clock {
  set(ms: number): void;
  advance(ms: number): void;
}

export function testClock(start = Date.UTC(2025, 0, 15, 12)): TestClock {
  let now = start;
  return {
    now: () => now,
    set: (ms) => {
      now = ms;
    },
    advance: (ms) => {
      now += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      // Jitter makes fractions; the machine's clock has none.
      now += Math.ceil(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export interface TestStore extends StoreContext {
  readonly clock: TestClock;
}

/**
 * Empty tables of the real shapes on the real engine, with a clock that the test moves. Mutation runs repeat the same
 * tests for each mutant, so they have the engine in memory, which the contract suite beside it holds to the real one.
 */
export async function freshStore(clock: TestClock = testClock()): Promise<TestStore> {
  const tables = process.env['TEST_ENGINE'] === 'memory' ? inMemory(clock.now) : await realTables();
  return { ...tables, clock, random: systemRandom, cursorKey: 'test-cursor-key' };
}

async function realTables() {
  const { client, names } = await freshTables(SERVICE_TABLES);
  return { client, recordsTable: names.records, liveTable: names.live };
}
