import type { Deployment } from '../domain/records.ts';
import { changeWith } from '../store/deployments.ts';
import type { ArchiveObjects } from '../store/log-archive.ts';
import { endLog } from '../store/log-chain.ts';
import { collectTally } from '../store/spending.ts';
import { type Publisher, publishEnd } from './sockets.ts';

/**
 * Closes the log of a deployment that has ended: end marker, archive, frame to the viewers, and only then the note
 * on the record that it is done. Every part can be repeated, so whoever finds `closing` does all of it.
 */
export async function closeLog(
  publisher: Publisher,
  archive: ArchiveObjects,
  deployment: Deployment,
): Promise<void> {
  const { store } = publisher;
  const end = await endLog(store, deployment.id);
  await publishEnd(publisher, deployment, end);
  // Its code is needed once a deployment; the functions that close logs start far more often.
  const { archiveLog } = await import('../store/log-archive.ts');
  await archiveLog(store, archive, deployment.id);
  await collectTally(store, deployment.id);
  await changeWith(store, deployment.id, (current) => (current.closing ? { closing: false } : undefined));
}
