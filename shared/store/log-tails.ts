import { BoundedMap } from '../platform/bounded-map.ts';
import type { LogTail } from './log-chunk.ts';

/**
 * The tails that this process wrote last, by deployment, so that an append is normally one write and no read. A stale
 * entry costs one refused write and can do no harm: the chain only grows by "does not exist" at its very end.
 */
export class LogTails extends BoundedMap<string, LogTail> {
  constructor(most = 500) {
    super(most);
  }
}
