import type { LogLine, NewLine } from '../domain/log.ts';
import { type LogLimits, MAX_MESSAGE_BYTES } from '../domain/log-limits.ts';
import { SPLIT_MARK, splitMessage, startOf } from '../domain/log-text.ts';

/** A chunk's lines are at most this many bytes before compression, unless one source line alone is longer. */
const CHUNK_BYTES = 256 * 1024;
const CHUNK_LINES = 4000;
/** A single source line is cut here: its parts stay together in one chunk, and an item holds 400 KB. */
const MAX_SOURCE_LINE_BYTES = 4 * MAX_MESSAGE_BYTES;

/** The part of a batch that fits the next chunk. */
export interface Piece {
  /** Source lines it takes in, kept or dropped. */
  readonly taken: number;
  readonly lines: readonly LogLine[];
  readonly bytes: number;
  readonly dropped: number;
}

/** What the log has already, as far as it decides what still fits. */
export interface Room {
  readonly lines: number;
  readonly bytes: number;
  readonly dropped: number;
}

/**
 * Takes source lines from the front of a batch until the chunk is full, numbers them, splits long ones, and drops
 * those that a full log cannot take: the first drop leaves a visible line, all are counted.
 * Lines of the service itself are few and always kept.
 */
export function takePiece(batch: readonly NewLine[], room: Room, limits: LogLimits): Piece {
  const lines: LogLine[] = [];
  let bytes = 0;
  let dropped = 0;
  let taken = 0;
  for (const source of batch) {
    const parts = splitLine(source);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    if (lines.length > 0 && (bytes + size > CHUNK_BYTES || lines.length >= CHUNK_LINES)) break;
    taken += 1;
    const full = room.dropped + dropped > 0 || room.bytes + bytes + size > limits.bytes;
    if (source.source !== 'system' && (full || room.lines + lines.length + parts.length > limits.lines)) {
      if (room.dropped + dropped === 0)
        lines.push(truncationLine(source, room.lines + lines.length + 1, limits));
      dropped += 1;
      continue;
    }
    for (const part of parts) lines.push({ ...part.line, n: room.lines + lines.length + 1 });
    bytes += size;
  }
  return { taken, lines, bytes, dropped };
}

function truncationLine(first: NewLine, n: number, limits: LogLimits): LogLine {
  const message = `This log is full (${limits.bytes} bytes or ${limits.lines} lines): further lines are counted, not kept.`;
  return { n, at: first.at, level: 'warn', step: first.step, source: 'system', message };
}

interface Part {
  readonly line: NewLine;
  readonly size: number;
}

function splitLine(line: NewLine): Part[] {
  // A lone surrogate has no UTF-8 form: it would change on the way, and the hash with it.
  const message = line.message.toWellFormed();
  const step = cleanStep(line.step);
  return splitMessage(kept(message)).map((text) => ({
    line: { ...line, step, message: text },
    size: Buffer.byteLength(text),
  }));
}

/** A message, or so much of it as is kept, which its end then says. */
function kept(message: string): string {
  const fits =
    message.length * 3 <= MAX_SOURCE_LINE_BYTES || Buffer.byteLength(message) <= MAX_SOURCE_LINE_BYTES;
  return fits ? message : startOf(message, MAX_SOURCE_LINE_BYTES) + SPLIT_MARK;
}

/** A step is a word or two: without control characters, so that the canonical form of a line stays unambiguous. */
const cleanStep = (step: string) =>
  step
    .slice(0, 60)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ');
