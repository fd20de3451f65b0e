import type { Clock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { LIVE, RECORDS, type TableShape } from '../../shared/store/tables.ts';
import { freshTables, type TableDefinition } from './dynamo.ts';

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
  const { client, names } = await freshTables({ records: definition(RECORDS), live: definition(LIVE) });
  return {
    client,
    recordsTable: names.records,
    liveTable: names.live,
    clock,
    random: systemRandom,
    cursorKey: 'test-cursor-key',
  };
}

function definition(shape: TableShape): TableDefinition {
  const attributes = new Set([
    'pk',
    'sk',
    ...shape.indexes.flatMap(({ partition, sort }) => [partition, sort]),
  ]);
  const keys = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const indexes = shape.indexes.map(({ name, partition, sort, projection }) => ({
    IndexName: name,
    KeySchema: keys(partition, sort),
    Projection: projected(projection),
  }));
  return {
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys(shape.partition, shape.sort),
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}

function projected(projection: TableShape['indexes'][number]['projection']) {
  if (projection === 'summary') return { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['summary'] };
  return { ProjectionType: projection === 'all' ? ('ALL' as const) : ('KEYS_ONLY' as const) };
}
