import type { Clock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';
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

/** Empty tables of the real shapes on the real engine, with a clock that the test moves. */
export async function freshStore(clock: TestClock = testClock()): Promise<TestStore> {
  const { client, names } = await freshTables(SERVICE_TABLES);
  return {
    client,
    recordsTable: names.records,
    liveTable: names.live,
    clock,
    random: systemRandom,
    cursorKey: 'test-cursor-key',
  };
}
