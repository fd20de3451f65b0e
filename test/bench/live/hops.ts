import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { inMemory } from '../../lifecycle/cloud/dynamo/memory.ts';

/** What a hop takes on AWS (ms), as the issue of this bench sets it. */
export const HOPS = { database: 10, http: 20, post: 30, queue: 20 } as const;

export const hop = (what: keyof typeof HOPS): Promise<void> => systemClock.sleep(HOPS[what]);

export interface Stores {
  /** Without delay, for what comes before the measurement. */
  readonly quick: StoreContext;
  /** The same tables, each call after the delay of the database. */
  readonly timed: StoreContext;
}

/** Tables on the engine in memory, which test/lifecycle/cloud/dynamo/contract.ts holds to the real one. */
export function stores(): Stores {
  const { client, ...tables } = inMemory(systemClock.now);
  const rest = { ...tables, clock: systemClock, random: systemRandom, cursorKey: 'bench' };
  const send = async (command: Parameters<typeof client.send>[0]) => {
    await hop('database');
    return client.send(command);
  };
  // The store calls `send` and nothing else.
  return { quick: { ...rest, client }, timed: { ...rest, client: { send } as unknown as typeof client } };
}
