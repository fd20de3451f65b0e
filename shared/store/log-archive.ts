import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { logLine } from '../contracts/logs.ts';
import { LOG_LEVELS, LOG_SOURCES, type LogEnd, type LogLine } from '../domain/log.ts';
import { LogDamaged } from '../errors/logs.ts';
import { InternalError } from '../errors/requests.ts';
import { lineView } from '../platform/frames.ts';
import type { StoreContext } from './context.ts';
import { chainHash, hex } from './log-hash.ts';
import { type LogArchive, readLines } from './log-read.ts';
import type { LogSegment, LogSegments } from './log-segments.ts';

/** The part of a bucket that the archive needs; shared/platform/objects.ts has it. */
export interface ArchiveObjects {
  read(key: string, range?: { readonly from: number; readonly to: number }): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array, options: { readonly contentType: string }): Promise<void>;
}

/** A finished log as gzip-compressed NDJSON, one line of the API a line. */
export const archiveKey = (deploymentId: string) => `logs/${deploymentId}.ndjson.gz`;
/** What makes the archive readable in parts; it is written last, so where it is, the archive is whole. */
const indexKey = (deploymentId: string) => `logs/${deploymentId}.index.json`;

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
 * Writes the archive of a log that has its end marker. Safe to repeat: the same log gives the same bytes.
 * Before the index is written, the lines are held against the end's hash.
 *
 * @throws LogDamaged where they disagree
 */
export async function archiveLog(
  ctx: StoreContext,
  objects: ArchiveObjects,
  deploymentId: string,
): Promise<LogEnd> {
  const members: Member[] = [];
  const packed: Uint8Array[] = [];
  let size = 0;
  let hash: Uint8Array = new Uint8Array(32);
  for (let after = 0; ; ) {
    const read = await readLines(ctx, deploymentId, { place: { after }, limit: MEMBER_LINES });
    hash = chainHash(hash, read.lines);
    if (read.lines.length > 0) {
      const bytes = pack(read.lines);
      members.push({ ...summaryOf(read.lines), from: size, size: bytes.length });
      packed.push(bytes);
      size += bytes.length;
    }
    const { end } = read;
    if (end !== undefined && read.through >= end.lines) {
      await writeArchive(objects, deploymentId, { packed, members, end, hash });
      return end;
    }
    if (read.lines.length === 0) throw notEnded(deploymentId);
    after = read.through;
  }
}

async function writeArchive(
  objects: ArchiveObjects,
  deploymentId: string,
  log: { packed: Uint8Array[]; members: Member[]; end: LogEnd; hash: Uint8Array },
): Promise<void> {
  const { end, members } = log;
  if (hex(log.hash) !== end.hash) {
    throw new LogDamaged(`The stored lines of ${deploymentId} are not those that its end marker proves.`, {
      facts: { deploymentId, expected: end.hash, found: hex(log.hash) },
    });
  }
  const index: ArchiveIndex = { v: 1, lines: end.lines, hash: end.hash, members };
  await objects.write(archiveKey(deploymentId), Buffer.concat(log.packed), {
    contentType: 'application/gzip',
  });
  await objects.write(indexKey(deploymentId), Buffer.from(JSON.stringify(index)), {
    contentType: 'application/json',
  });
}

/** The archive as a source of lines. */
export function logArchive(objects: ArchiveObjects): LogArchive {
  return {
    open: async (deploymentId) => {
      const bytes = await objects.read(indexKey(deploymentId));
      if (bytes === undefined) return undefined;
      const index = archiveIndex.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
      return new ArchiveSegments(objects, deploymentId, index);
    },
  };
}

class ArchiveSegments implements LogSegments {
  readonly #objects: ArchiveObjects;
  readonly #deploymentId: string;
  readonly #index: ArchiveIndex;

  constructor(objects: ArchiveObjects, deploymentId: string, index: ArchiveIndex) {
    this.#objects = objects;
    this.#deploymentId = deploymentId;
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
        const bytes = await this.#objects.read(archiveKey(this.#deploymentId), range);
        if (bytes === undefined) throw new LogDamaged(`The archive of ${this.#deploymentId} is not there.`);
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
