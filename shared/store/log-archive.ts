import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { logLine } from '../contracts/logs.ts';
import { LOG_LEVELS, LOG_SOURCES, type LogEnd, type LogLine } from '../domain/log.ts';
import { NO_LINES_HASH } from '../domain/log-proof.ts';
import { isPurged, type LineRange } from '../domain/log-purge.ts';
import { ArchiveGone, LogDamaged } from '../errors/logs.ts';
import { InternalError } from '../errors/requests.ts';
import { lineView } from '../platform/frames.ts';
import type { StoreContext } from './context.ts';
import { archiveKey, indexKey, textKey } from './log-archive-keys.ts';
import { chainHash, hex, withPurged } from './log-hash.ts';
import { type LogArchive, readLines } from './log-read.ts';
import type { LogSegment, LogSegments } from './log-segments.ts';

interface WriteOptions {
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
}

/** The part of a bucket that the archive needs; shared/platform/objects.ts has it. */
export interface ArchiveObjects {
  read(key: string, range?: { readonly from: number; readonly to: number }): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array, options: WriteOptions): Promise<void>;
  /** What is not there is removed already. */
  remove(key: string): Promise<void>;
}

/**
 * The archive is gzip in members (RFC 1952, 2.2): any tool unpacks the whole, and with the index any member by itself.
 * So a page of an expired log costs one small range of the object.
 */
const MEMBER_LINES = 1000;

const archiveIndex = z.strictObject({
  v: z.literal(1),
  lines: z.number(),
  hash: z.string(),
  members: z.array(
    z.strictObject({
      first: z.number(),
      count: z.number(),
      /** Bytes of the object. */
      from: z.number(),
      size: z.number(),
      levels: z.array(z.enum(LOG_LEVELS)),
      sources: z.array(z.enum(LOG_SOURCES)),
      steps: z.array(z.string()),
      until: z.number(),
    }),
  ),
});
type ArchiveIndex = z.infer<typeof archiveIndex>;
type Member = ArchiveIndex['members'][number];

/**
 * Writes the archive of a log that has its end marker, without the text of what was purged. Safe to repeat: the same
 * log gives the same bytes. Before the index is written, the lines are held against the end's hash.
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
    const query = { place: { after }, limit: MEMBER_LINES };
    const read = await readLines(ctx, deploymentId, query, { purged: purges });
    archive.add(read.lines);
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
  readonly #texts: Uint8Array[] = [];
  #size = 0;
  #hash: Uint8Array = NO_LINES_HASH;

  add(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    this.#hash = chainHash(this.#hash, lines);
    const bytes = pack(lines);
    this.#members.push({ ...summaryOf(lines), from: this.#size, size: bytes.length });
    this.#packed.push(bytes);
    this.#texts.push(gzipSync(lines.map((line) => `${line.message}\n`).join(''), { level: 9 }));
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
    await objects.write(archiveKey(deploymentId, after), Buffer.concat(this.#packed), {
      contentType: 'application/gzip',
    });
    await objects.write(textKey(deploymentId, after), Buffer.concat(this.#texts), {
      contentType: 'text/plain; charset=utf-8',
      contentEncoding: 'gzip',
    });
    await objects.write(indexKey(deploymentId, after), Buffer.from(JSON.stringify(index)), {
      contentType: 'application/json',
    });
  }
}

/** The archive as a source of lines: the one that was written after so many purges. */
export function logArchive(objects: ArchiveObjects, after = 0): LogArchive {
  return {
    open: async (deploymentId) => {
      const bytes = await objects.read(indexKey(deploymentId, after));
      if (bytes === undefined) return undefined;
      const index = archiveIndex.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
      return new ArchiveSegments(objects, archiveKey(deploymentId, after), index);
    },
  };
}

class ArchiveSegments implements LogSegments {
  readonly #objects: ArchiveObjects;
  readonly #key: string;
  readonly #index: ArchiveIndex;

  constructor(objects: ArchiveObjects, key: string, index: ArchiveIndex) {
    this.#objects = objects;
    this.#key = key;
    this.#index = index;
  }

  end(): LogEnd {
    return { lines: this.#index.lines, hash: this.#index.hash };
  }

  async *ascending(line: number): AsyncGenerator<LogSegment> {
    for (const member of this.#index.members)
      if (member.first + member.count > line) yield this.#segment(member);
  }

  async *descending(line: number): AsyncGenerator<LogSegment> {
    for (const member of this.#index.members.toReversed())
      if (member.first <= line) yield this.#segment(member);
  }

  #segment(member: Member): LogSegment {
    return {
      ...member,
      read: async () => {
        const range = { from: member.from, to: member.from + member.size - 1 };
        const bytes = await this.#objects.read(this.#key, range);
        if (bytes === undefined) throw new ArchiveGone(`The archive ${this.#key} is not there.`);
        return unpack(bytes);
      },
    };
  }
}

const pack = (lines: readonly LogLine[]) =>
  gzipSync(lines.map((line) => `${JSON.stringify(lineView(line))}\n`).join(''), { level: 9 });

function unpack(bytes: Uint8Array): LogLine[] {
  const text = gunzipSync(bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const view = logLine.parse(JSON.parse(line));
      return { ...view, at: Date.parse(view.at) };
    });
}

function summaryOf(lines: readonly LogLine[]): Omit<Member, 'from' | 'size'> {
  const seen = <T>(values: readonly T[]): T[] => [...new Set(values)];
  return {
    first: lines[0]?.n ?? 0,
    count: lines.length,
    levels: seen(lines.map((line) => line.level)),
    sources: seen(lines.map((line) => line.source)),
    steps: seen(lines.map((line) => line.step)),
    until: lines.reduce((latest, line) => Math.max(latest, line.at), 0),
  };
}

const notEnded = (deploymentId: string) =>
  new InternalError(`The log of ${deploymentId} has no end marker yet; it cannot be archived.`, {
    facts: { deploymentId },
  });
