import type { LogLimits } from '../domain/log-limits.ts';
import type { Deployment } from '../domain/records.ts';
import { changeWith, requireDeployment } from '../store/deployments.ts';
import type { ArchiveObjects } from '../store/log-archive-form.ts';
import { endLog } from '../store/log-chain.ts';
import { exceeds } from '../store/log-size.ts';
import { collectTally } from '../store/spending.ts';
import { count } from './account.ts';
import { type Publisher, publishEnd } from './sockets.ts';

/** What the last write of a record, which has to hold it already, takes itself, and its announcement after that. */
const STILL_TO_COME = { writeUnits: 9, invocations: 1, calls: 2 };

/**
 * Closes the log of a deployment that has ended: end marker, archive, frame to the viewers, and only then the note
 * on the record that it is done. Every part can be repeated, so whoever finds `closing` does all of it. Where lines
 * were purged while the archive was written, it is written again.
 *
 * @param most a log with more than that gets its end, and is left to the sweep to be archived
 */
export async function closeLog(
  publisher: Publisher,
  archive: ArchiveObjects,
  deployment: Deployment,
  most?: LogLimits,
): Promise<void> {
  const { store } = publisher;
  const { id } = deployment;
  const end = await endLog(store, id);
  await publishEnd(publisher, deployment, end);
  if (most !== undefined && (await exceeds(store, id, true, most))) return;
  // Its code is needed once a deployment; the functions that close logs start far more often.
  const { archiveLog, removeOlderArchives } = await import('../store/log-archive.ts');
  for (;;) {
    const { purges = [] } = await requireDeployment(store, id);
    await archiveLog(store, archive, id, purges);
    await collectTally(store, id);
    count(STILL_TO_COME);
    const after = await changeWith(store, id, (current) => {
      if (!current.closing || (current.purges ?? []).length !== purges.length) return undefined;
      return { closing: false, ...(purges.length === 0 ? {} : { archive: purges.length }) };
    });
    if (after.closing) continue;
    await removeOlderArchives(archive, id, after.archive ?? 0);
    return;
  }
}
