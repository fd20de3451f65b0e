import type { Retention } from '../domain/environment.ts';
import { logDays } from '../domain/log-limits.ts';
import type { LogPurge } from '../domain/log-purge.ts';
import type { Deployment } from '../domain/records.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import type { ArchiveObjects } from './log-archive-form.ts';
import type { ReadOptions } from './log-read.ts';

/** What of a deployment decides where its lines are read from, and which of them may not be shown. */
export interface LoggedDeployment {
  readonly createdAt: string;
  /** End marker and archive of its log are written. */
  readonly isClosed: boolean;
  readonly retention?: Retention | undefined;
  readonly purges?: readonly LogPurge[] | undefined;
  /** Which of its archives is the right one; see `Deployment.archive`. */
  readonly archive?: number | undefined;
}

/** True once end marker and archive are there, which stay. */
export const isLogClosed = (deployment: Deployment): boolean =>
  'finishedAt' in deployment && deployment.closing !== true;

export const loggedDeployment = (deployment: Deployment): LoggedDeployment => ({
  createdAt: deployment.createdAt,
  isClosed: isLogClosed(deployment),
  retention: deployment.snapshot.retention,
  purges: deployment.purges,
  archive: deployment.archive,
});

const DAY_MS = 24 * 3600 * 1000;

/**
 * Where lines of a log are read from besides the database: its archive, which comes first once the database may have
 * forgotten any part of it. What somebody had purged is left out from the moment of the wish.
 */
export function logSource(
  ctx: StoreContext,
  objects: () => Promise<ArchiveObjects>,
  { createdAt, isClosed, retention, purges = [], archive }: LoggedDeployment,
): ReadOptions {
  const openArchive = async (deploymentId: string) => {
    const { logArchive } = await import('./log-archive-read.ts');
    const opened = await logArchive(await objects(), archive).open(deploymentId);
    if (opened !== undefined) return opened;
    // A purge has put another in its place since the record was read, which now says which.
    const present = (await getDeployment(ctx, deploymentId))?.archive;
    return present === archive ? undefined : logArchive(await objects(), present).open(deploymentId);
  };
  const oldest = ctx.clock.now() - logDays(retention) * DAY_MS;
  return {
    // Before it is closed there is none. Code and client are loaded only where the database has nothing.
    archive: isClosed ? { open: openArchive } : undefined,
    preferArchive: isClosed && Date.parse(createdAt) < oldest,
    purged: purges,
  };
}
