import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { logLine } from '../contracts/logs.ts';
import { LOG_LEVELS, LOG_SOURCES, type LogLine } from '../domain/log.ts';
import { lineView } from '../platform/frames.ts';
import type { ByteRange } from '../platform/objects.ts';

interface WriteOptions {
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
}

/** The part of a bucket that the archive needs; shared/platform/objects.ts has it. */
export interface ArchiveObjects {
  read(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  write(key: string, bytes: Uint8Array, options: WriteOptions): Promise<void>;
  /** What is not there is removed already. */
  remove(key: string): Promise<void>;
}

/**
 * The archive is gzip in members (RFC 1952, 2.2): any tool unpacks the whole, and with the index any member by itself.
 * So a page of an expired log costs one small range of the object.
 */
export const MEMBER_LINES = 1000;

export const archiveIndex = z.strictObject({
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
export type ArchiveIndex = z.infer<typeof archiveIndex>;
export type Member = ArchiveIndex['members'][number];

/** A member, of its lines as the API shows them. */
export const pack = (lines: readonly LogLine[]) =>
  gzipSync(lines.map((line) => `${JSON.stringify(lineView(line))}\n`).join(''), { level: 9 });

export function unpack(bytes: Uint8Array): LogLine[] {
  const text = gunzipSync(bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const view = logLine.parse(JSON.parse(line));
      return { ...view, at: Date.parse(view.at) };
    });
}
