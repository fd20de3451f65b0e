import type { LogLimits } from '../domain/log-limits.ts';
import { isPurgeDue } from '../domain/log-purge.ts';
import type { Deployment } from '../domain/records.ts';
import type { StoreContext } from '../store/context.ts';
import { changeWith, requireDeployment } from '../store/deployments.ts';
import type { ArchiveObjects } from '../store/log-archive-form.ts';
import { exceeds } from '../store/log-size.ts';
import { isLogClosed } from '../store/log-source.ts';
import { isoTime } from './clock.ts';

/**
 * Does what the purges on the record ask for: chunks, copies on the record, archive, and only then the note that it
 * is done. Every part can be repeated, so whoever finds an open purge does all of it. A while later it is looked at
 * once more, since somebody who had read the lines before may have written an archive of them after.
 *
 * @param most of a log with more than that an open purge is left to the sweep
 */
export async function carryOutPurges(
  store: StoreContext,
  archive: ArchiveObjects,
  deployment: Deployment,
  most?: LogLimits,
): Promise<void> {
  const open = (deployment.purges ?? []).some(({ rewrittenAt }) => rewrittenAt === undefined);
  if (open) {
    const { id } = deployment;
    if (most !== undefined && (await exceeds(store, id, isLogClosed(deployment), most))) return;
    await rewrite(store, archive, id);
  } else if (isPurgeDue(deployment.purges, store.clock.now())) await lookAgain(store, archive, deployment);
}

async function rewrite(store: StoreContext, archive: ArchiveObjects, id: string): Promise<void> {
  // Its code is needed where something leaked, which is seldom.
  const { purgeChunks } = await import('../store/log-purge.ts');
  const { forgetCopies } = await import('../store/log-copies.ts');
  const { removeOlderArchives, rewriteArchive } = await import('../store/log-archive.ts');
  const forget = (lines: Parameters<typeof forgetCopies>[2]) =>
    lines.length === 0 ? Promise.resolve() : forgetCopies(store, id, lines);
  for (;;) {
    const current = await requireDeployment(store, id);
    const { purges = [], archive: written = 0 } = current;
    const open = purges.filter(({ rewrittenAt }) => rewrittenAt === undefined);
    if (open.length === 0) return;
    // First and whatever the chunks say: who died here before may have left none to compare with.
    await forgetCopies(store, id, []);
    await purgeChunks(store, id, open, forget);
    const closed = isLogClosed(current);
    if (closed && written < purges.length) await rewriteArchive(archive, id, written, purges, forget);
    const at = isoTime(store.clock.now());
    const noted = await changeWith(store, id, (now) => {
      // A newer purge, or the archive that somebody wrote meanwhile: from the beginning.
      if ((now.purges ?? []).length !== purges.length || isLogClosed(now) !== closed) return undefined;
      const rewritten = purges.map((purge) => ({ ...purge, rewrittenAt: purge.rewrittenAt ?? at }));
      return { purges: rewritten, ...(closed ? { archive: purges.length } : {}) };
    });
    if (noted.purges?.every(({ rewrittenAt }) => rewrittenAt !== undefined) !== true) continue;
    if (closed) await removeOlderArchives(archive, id, purges.length);
    return;
  }
}

/** Whoever archived the log, or ended a job, without knowing of the purge is gone by now: what it left is removed. */
async function lookAgain(
  store: StoreContext,
  archive: ArchiveObjects,
  { id, archive: written = 0 }: Deployment,
): Promise<void> {
  const { removeOlderArchives } = await import('../store/log-archive.ts');
  await removeOlderArchives(archive, id, written);
  const { forgetCopies } = await import('../store/log-copies.ts');
  await forgetCopies(store, id, []);
  const now = store.clock.now();
  await changeWith(store, id, ({ purges = [] }) => {
    const done = purges.map((purge) =>
      purge.doneAt === undefined && isPurgeDue([purge], now) && purge.rewrittenAt !== undefined
        ? { ...purge, doneAt: isoTime(now) }
        : purge,
    );
    return done.some((purge, i) => purge !== purges[i]) ? { purges: done } : undefined;
  });
}
