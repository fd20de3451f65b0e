import { LOG_KEPT_SECONDS } from '../../../shared/domain/log-limits.ts';
import { logArchive } from '../../../shared/store/log-archive.ts';
import type { ReadOptions } from '../../../shared/store/log-read.ts';
import type { ApiDeps } from '../deps.ts';

/** Where lines of a log are read from besides the database: its archive, which comes first once it is old. */
export function logSource(
  deps: ApiDeps,
  { createdAt, isClosed }: { readonly createdAt: string; readonly isClosed: boolean },
): ReadOptions {
  const oldest = deps.store.clock.now() - LOG_KEPT_SECONDS * 1000;
  return {
    // Its code and client are loaded only where the database has nothing.
    archive: {
      open: async (deploymentId) => logArchive((await deps.artifacts()).objects).open(deploymentId),
    },
    preferArchive: isClosed && Date.parse(createdAt) < oldest,
  };
}
