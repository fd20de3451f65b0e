import type { Objects } from '../../shared/platform/objects.ts';
import type { StoreContext } from '../../shared/store/context.ts';

/** What reads need that `api` and `waiting` both answer. */
export interface ReadDeps {
  readonly store: StoreContext;
  /** Archives of logs; its client is loaded with the first read that the database cannot answer. */
  readonly artifacts: () => Promise<{ readonly objects: Objects }>;
}
