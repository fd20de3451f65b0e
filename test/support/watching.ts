import type { LineFilter } from '../../shared/domain/log-filter.ts';
import { putConnection } from '../../shared/store/connections.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { subscribe } from '../../shared/store/subscriptions.ts';

const actor = { tokenId: 'tok_1', subject: 'ada', kind: 'api', grants: [], groups: [] } as const;

export interface Watching {
  readonly filter?: LineFilter;
  readonly environments?: readonly string[];
}

/** Sockets of these ids that watch a topic. */
export async function watch(
  store: StoreContext,
  topic: string,
  ids: readonly string[],
  wanted: Watching = {},
): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      await putConnection(store, id, actor);
      await subscribe(store, id, topic, wanted);
    }),
  );
}

/** Ids of so many sockets. */
export const sockets = (count: number, prefix = 'socket') =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
