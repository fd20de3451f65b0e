import type { LogEnd, LogLine } from '../domain/log.ts';
import { summaryOf } from '../domain/log-filter.ts';
import { NO_LINES_HASH } from '../domain/log-proof.ts';
import { isPurged, type LineRange } from '../domain/log-purge.ts';
import { ArchiveGone, LogDamaged } from '../errors/logs.ts';
import { InternalError } from '../errors/requests.ts';
import type { StoreContext } from './context.ts';
import { GatheredGzip } from './gathered-gzip.ts';
import {
  type ArchiveIndex,
  type ArchiveObjects,
  MEMBER_LINES,
  type Member,
  pack,
} from './log-archive-form.ts';
import { indexMembers } from './log-archive-index.ts';
import { archiveKey, indexKey, textKey } from './log-archive-keys.ts';
import { logArchive } from './log-archive-read.ts';
import { chainHash, hex, withPurged } from './log-hash.ts';
import { readLines } from './log-read.ts';

/** Read at once: each read finds its place anew, by going through some chunks of the one before. */
const LINES_READ = 3 * MEMBER_LINES;

/**
 * Writes the archive of a log that has its end marker, without the text of what was purged. Safe to repeat: the same
 * log gives the same bytes. Before anything is written, the lines are held against the end's hash.
 *
 * @param purges all of the log so far
 * @throws LogDamaged where they disagree
 */
export async function archiveLog(
  ctx: StoreContext,
  objects: ArchiveObjects,
  deploymentId: string,
  purges: readonly LineRange[] = [],
): Promise<LogEnd> {
  const archive = new ArchiveWriter();
  for (let after = 0; ; ) {
    const query = { place: { after }, limit: LINES_READ };
    const read = await readLines(ctx, deploymentId, query, { purged: purges });
    for (let from = 0; from < read.lines.length; from += MEMBER_LINES)
      archive.add(read.lines.slice(from, from + MEMBER_LINES));
    const { end } = read;
    if (end !== undefined && read.through >= end.lines) {
      await archive.write(objects, deploymentId, purges.length, end);
      return end;
    }
    if (read.lines.length === 0) throw notEnded(deploymentId);
    after = read.through;
  }
}

/**
 * Writes the archive anew without the text of what was purged since, out of the one that was written before.
 *
 * @param before how many purges that one was written after
 * @param purges all of the log so far
 * @param first called with what is about to be forgotten, a thousand lines at the most at a time
 */
export async function rewriteArchive(
  objects: ArchiveObjects,
  deploymentId: string,
  before: number,
  purges: readonly LineRange[],
  first: (lines: readonly LogLine[]) => Promise<void>,
): Promise<void> {
  const written = await logArchive(objects, before).open(deploymentId);
  if (written === undefined) throw new ArchiveGone(`The archive of ${deploymentId} is not there.`);
  const archive = new ArchiveWriter();
  for await (const segment of written.ascending(1)) {
    const lines = await segment.read();
    await first(lines.filter((line) => line.digest === undefined && isPurged(purges, line.n)));
    archive.add(withPurged(lines, purges));
  }
  const end = written.end();
  if (end !== undefined) await archive.write(objects, deploymentId, purges.length, end);
}

/** Removes the archives that were written after fewer purges than the present one. */
export async function removeOlderArchives(
  objects: ArchiveObjects,
  deploymentId: string,
  present: number,
): Promise<void> {
  for (let after = 0; after < present; after += 1) {
    await objects.remove(indexKey(deploymentId, after));
    await objects.remove(archiveKey(deploymentId, after));
    await objects.remove(textKey(deploymentId, after));
  }
}

/** Gathers lines as members, and writes them with their index. */
class ArchiveWriter {
  readonly #members: Member[] = [];
  readonly #packed: Uint8Array[] = [];
  readonly #text = new GatheredGzip();
  #size = 0;
  #hash: Uint8Array = NO_LINES_HASH;

  add(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    this.#hash = chainHash(this.#hash, lines);
    const bytes = pack(lines);
    const first = lines[0]?.n ?? 0;
    this.#members.push({ first, ...summaryOf(lines), from: this.#size, size: bytes.length });
    this.#packed.push(bytes);
    this.#text.add(lines.map((line) => `${line.message}\n`).join(''));
    this.#size += bytes.length;
  }

  /** @throws LogDamaged where the lines are not those that the end proves */
  async write(objects: ArchiveObjects, deploymentId: string, after: number, end: LogEnd): Promise<void> {
    if (hex(this.#hash) !== end.hash) {
      throw new LogDamaged(`The stored lines of ${deploymentId} are not those that its end marker proves.`, {
        facts: { deploymentId, expected: end.hash, found: hex(this.#hash) },
      });
    }
    const index: ArchiveIndex = { v: 1, lines: end.lines, hash: end.hash, members: this.#members };
    await objects.write(textKey(deploymentId, after), this.#text.end(), {
      contentType: 'text/plain; charset=utf-8',
      contentEncoding: 'gzip',
    });
    // Last, since reading begins with it.
    const archive = Buffer.concat([...this.#packed, indexMembers(index)]);
    await objects.write(archiveKey(deploymentId, after), archive, { contentType: 'application/gzip' });
  }
}

const notEnded = (deploymentId: string) =>
  new InternalError(`The log of ${deploymentId} has no end marker yet; it cannot be archived.`, {
    facts: { deploymentId },
  });
