import { LOG_KEPT_SECONDS } from '../../shared/domain/log-limits.ts';
import { logArchive } from '../../shared/store/log-archive.ts';
import type { ReadOptions } from '../../shared/store/log-read.ts';
import type { ReadDeps } from './deps.ts';

/**
 * Where lines of a log are read from besides the database: its archive, which comes first once it is old. One that is
 * not closed has none: whoever follows it would ask for that with every look.
 */
export function logSource(
  deps: ReadDeps,
  { createdAt, isClosed }: { readonly createdAt: string; readonly isClosed: boolean },
): ReadOptions {
  if (!isClosed) return {};
  const oldest = deps.store.clock.now() - LOG_KEPT_SECONDS * 1000;
  return {
    // Its code and client are loaded only where the database has nothing.
    archive: {
      open: async (deploymentId) => logArchive((await deps.artifacts()).objects).open(deploymentId),
    },
    preferArchive: Date.parse(createdAt) < oldest,
  };
}
