import type { LogLine, NewLine } from '../domain/log.ts';
import { LOG_LIMITS, type LogLimits } from '../domain/log-limits.ts';
import { LogEnded, OffsetMismatch } from '../errors/logs.ts';
import { count } from '../platform/account.ts';
import type { StoreContext } from './context.ts';
import { getDeployment } from './deployment-changes.ts';
import { type Piece, takePiece } from './log-batch.ts';
import { type LogTail, toChunkItem } from './log-chunk.ts';
import { encodeLines } from './log-columns.ts';
import {
  type AppendOptions,
  expiry,
  lastChunks,
  MOST_RACES,
  putNext,
  tailToWriteAt,
  tooManyRaces,
} from './log-ends.ts';
import { chainHash, withPurged } from './log-hash.ts';
import { withChunk } from './log-marks.ts';

/** Compressed lines of a chunk, at most; one single line may need more. */
const MAX_CHUNK_BYTES = 64 * 1024;
/** What a chunk's item holds beside its lines: keys, tail and summary, about. */
const BESIDES_BYTES = 250;
/** Chunks looked through, from the end, for the lines of a repeated batch. */
const REPEAT_CHUNKS = 20;

export interface Appended {
  /** Number of the first of `lines`; of the next line, where there are none. */
  readonly firstLine: number;
  /** The lines of this batch that now stand in the log, numbered: to be pushed to viewers. */
  readonly lines: readonly LogLine[];
  /** The offset at which this producer goes on. */
  readonly nextOffset: number;
  /** True where the chain had (some of) these lines before: their push may have been lost, so push again. */
  readonly repeated: boolean;
  /** This call itself has put some of them. */
  readonly wrote: boolean;
}

/** One batch of one producer on its way into the chain. */
interface Batch {
  readonly deploymentId: string;
  readonly producer: string;
  readonly offset: number | 'next';
  readonly lines: readonly NewLine[];
}

/** How far the append of a batch got. */
interface Progress {
  tail: LogTail;
  /** The tail was read just now: only such a one can say that lines are missing. */
  certain: boolean;
  races: number;
  /** Lines of the batch that this call has put in itself. */
  taken: number;
  repeated: boolean;
  readonly stored: LogLine[];
}

/**
 * Adds a producer's lines to the chain of a deployment's log. `offset` counts the lines that the producer sent
 * before; what the chain has already is recognised whoever wrote last, so a batch may be sent again at any time.
 * With the offset `next` the lines come after whatever the producer wrote before, and a repeat repeats them.
 * A chunk is put with "does not exist" right after its predecessor; whoever loses that race goes on after the winner.
 *
 * @throws OffsetMismatch where lines would be missing before the batch
 * @throws LogEnded behind the end marker
 */
export async function appendLines(
  ctx: StoreContext,
  deploymentId: string,
  producer: string,
  offset: number | 'next',
  lines: readonly NewLine[],
  options: AppendOptions = {},
): Promise<Appended> {
  const batch: Batch = { deploymentId, producer, offset, lines };
  const cached = options.tails?.get(deploymentId);
  const tail = cached ?? (await tailToWriteAt(ctx, deploymentId));
  const certain = cached === undefined;
  const progress: Progress = { tail, certain, races: 0, taken: 0, repeated: false, stored: [] };
  for (;;) {
    if (progress.tail.ended) throw new LogEnded(deploymentId);
    const known = progress.tail.offsets[producer] ?? 0;
    if (offset !== 'next' && offset > known) {
      if (progress.certain) throw new OffsetMismatch(deploymentId, producer, offset, known);
      progress.tail = await tailToWriteAt(ctx, deploymentId);
      progress.certain = true;
      continue;
    }
    const rest = lines.slice(offset === 'next' ? progress.taken : known - offset);
    if (rest.length === 0) {
      options.tails?.set(deploymentId, progress.tail);
      return outcome(ctx, batch, progress);
    }
    await writePiece(ctx, batch, rest, progress, options);
  }
}

/** Puts as much of the batch as fits one chunk, or finds out who was faster. */
async function writePiece(
  ctx: StoreContext,
  batch: Batch,
  rest: readonly NewLine[],
  progress: Progress,
  options: AppendOptions,
): Promise<void> {
  const { deploymentId, producer } = batch;
  const { piece, data } = packedPiece(rest, progress.tail, options.limits ?? LOG_LIMITS);
  const { taken, lines } = piece;
  const lastTaken = batch.lines.length - rest.length + taken - 1;
  const next = tailAfter(progress.tail, producer, piece, options.keyLinesLeft?.[lastTaken] ?? 0);
  const expiresAt = expiry(ctx, next, options);
  const winner = await putNext(
    ctx,
    toChunkItem(deploymentId, next, { by: producer, taken, lines, data, expiresAt }),
  );
  if (winner === undefined) {
    count({ storedBytes: data.length + BESIDES_BYTES });
    progress.stored.push(...piece.lines);
    progress.taken += piece.taken;
    progress.tail = next;
    return;
  }
  progress.races += 1;
  if (progress.races > MOST_RACES) throw tooManyRaces(deploymentId);
  const known = progress.tail.offsets[producer] ?? 0;
  if (batch.offset !== 'next' && winner.by === producer && (winner.offsets[producer] ?? 0) > known) {
    // Our own write whose answer was lost, or a twin of this request on its way at the same time.
    progress.repeated = true;
    progress.stored.push(...winner.read());
  }
  // The winner of one lost race shows the new tail; a second loss means that we are well behind.
  progress.certain = progress.races % 2 === 0;
  progress.tail = progress.certain ? await tailToWriteAt(ctx, deploymentId) : winner;
}

/** The next piece with its lines packed; halved until it is small, for text that does not compress. */
function packedPiece(rest: readonly NewLine[], tail: LogTail, limits: LogLimits) {
  for (let batch = rest; ; ) {
    const piece = takePiece(batch, tail, limits);
    const data = encodeLines(piece.lines);
    if (data.length <= MAX_CHUNK_BYTES || piece.taken === 1) return { piece, data };
    batch = rest.slice(0, Math.ceil(piece.taken / 2));
  }
}

async function outcome(ctx: StoreContext, batch: Batch, progress: Progress): Promise<Appended> {
  const { tail, stored } = progress;
  const { offset } = batch;
  const untouched = progress.taken === 0 && stored.length === 0;
  const wholly = batch.lines.length > 0 && untouched && offset !== 'next';
  const lines = wholly ? await findLines(ctx, batch, offset) : stored;
  const repeated = progress.repeated || wholly;
  return {
    firstLine: lines[0]?.n ?? tail.lines + 1,
    lines: repeated ? await stillShown(ctx, batch.deploymentId, lines) : lines,
    nextOffset: tail.offsets[batch.producer] ?? 0,
    repeated,
    wrote: progress.taken > 0,
  };
}

/** Lines that were stored before may have been purged since, which is a moment before their chunks forget them. */
async function stillShown(
  ctx: StoreContext,
  deploymentId: string,
  lines: readonly LogLine[],
): Promise<readonly LogLine[]> {
  const { purges = [] } = (await getDeployment(ctx, deploymentId)) ?? {};
  return withPurged(lines, purges);
}

function tailAfter(tail: LogTail, producer: string, piece: Piece, keyLinesLeft: number): LogTail {
  const { [producer]: _, ...others } = tail.keys;
  const chunk = tail.chunk + 1;
  return {
    chunk,
    lines: tail.lines + piece.lines.length,
    hash: chainHash(tail.hash, piece.lines),
    offsets: { ...tail.offsets, [producer]: (tail.offsets[producer] ?? 0) + piece.taken },
    bytes: tail.bytes + piece.bytes,
    dropped: tail.dropped + piece.dropped,
    marks: withChunk(tail.marks, chunk, tail.lines + 1),
    keys: keyLinesLeft === 0 ? others : { ...others, [producer]: keyLinesLeft },
    keptDays: tail.keptDays,
    ended: false,
  };
}

/** The stored lines of a batch, as far as they are near the end of the chain. */
async function findLines(ctx: StoreContext, batch: Batch, offset: number): Promise<LogLine[]> {
  const chunks = await lastChunks(ctx, batch.deploymentId, REPEAT_CHUNKS);
  return chunks
    .filter((chunk) => {
      const end = chunk.offsets[batch.producer] ?? 0;
      const overlaps = end > offset && end - chunk.taken < offset + batch.lines.length;
      return chunk.by === batch.producer && overlaps;
    })
    .reverse()
    .flatMap((chunk) => chunk.read());
}
