import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Item } from '../../../../shared/store/engine.ts';
import {
  fromChunkItem,
  fromHeadItem,
  HEAD_ATTRIBUTES,
  LOG_SHAPE,
  toChunkItem,
  toEndItem,
} from '../../../../shared/store/log-chunk.ts';
import { encodeLines } from '../../../../shared/store/log-columns.ts';
import { chainHash, hex } from '../../../../shared/store/log-hash.ts';

/**
 * Logs as each version of the shape stored them, binary attributes as `{"$b": base64}`. They must be readable by
 * every later version: a change of the shape gets a number and a file of its own, and these stay.
 */
function stored(version: number): Item[] {
  const text = readFileSync(
    new URL(`../../../fixtures/stored/log-v${version}.ndjson`, import.meta.url),
    'utf8',
  );
  const revive = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && '$b' in value
      ? new Uint8Array(Buffer.from(String(value.$b), 'base64'))
      : value;
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line, revive));
}

const LINES = [
  { n: 1, at: 1736942400000, level: 'info', step: 'install', source: 'build', message: 'added 3 packages' },
  {
    n: 2,
    at: 1736942400250,
    level: 'error',
    step: 'build',
    source: 'build',
    message: '\u001b[31mno such file: C:\\temp ä\u001b[0m',
  },
  { n: 3, at: 1736942401000, level: 'warn', step: 'build', source: 'system', message: 'two\nlines' },
];

const DIGEST = '5231c28e0310fa53210ea04db0251e39582015a7f58e437589e186e3d47de28c';

/** What only version 3 can hold: the first line was purged. */
const PURGED = [{ ...LINES[0], message: '[purged]', digest: DIGEST }, ...LINES.slice(1)];

test.each([
  { version: 1, expected: LINES, keptDays: 30, keys: {} },
  { version: 2, expected: LINES, keptDays: 30, keys: { 'build.0': 249 } },
  { version: 3, expected: PURGED, keptDays: 90, keys: { 'build.0': 249 } },
])('a log that version $version stored is read by this one', ({ version, expected, keptDays, keys }) => {
  const chunks = stored(version).map(fromChunkItem);
  const lines = chunks.flatMap((chunk) => chunk.read());
  expect(lines).toEqual(expected);
  expect(hex(chainHash(new Uint8Array(32), lines))).toBe(hex(chunks.at(-1)?.hash ?? new Uint8Array()));
  expect(chunks.map(({ ended, first, by, keptDays }) => ({ ended, first, by, keptDays }))).toEqual([
    { ended: false, first: 1, by: 'build.0', keptDays },
    { ended: false, first: 3, by: 'steps', keptDays },
    { ended: true, first: 4, by: 'end', keptDays },
  ]);
  // Version 1 did not say which producer stood inside a private key.
  expect(chunks.map((chunk) => chunk.keys)).toEqual([{}, keys, {}]);
  expect(chunks[0]).toMatchObject({
    count: 2,
    taken: 2,
    levels: ['info', 'error'],
    sources: ['build'],
    steps: ['install', 'build'],
    offsets: { 'build.0': 2 },
    until: 1736942400250,
  });
});

test('a head is read without the lines, whichever version stored it', () => {
  for (const version of [1, 2, 3]) {
    for (const item of stored(version)) {
      const { lines: _lines, l: _l, ...without } = item;
      const { data: _data, read: _read, ...head } = fromChunkItem(item);
      expect(fromHeadItem(without)).toEqual(head);
      expect(Object.keys(without).filter((name) => !HEAD_ATTRIBUTES.includes(name))).toEqual([]);
    }
  }
});

test('what is stored now has the shape of the version that it says', () => {
  const items = stored(LOG_SHAPE);
  const again = items.map(fromChunkItem).map((chunk) => {
    const { by, taken, expiresAt } = chunk;
    const lines = chunk.read();
    return chunk.ended
      ? toEndItem('dep_01JHN0000000000000000000AA', chunk, by, expiresAt)
      : toChunkItem('dep_01JHN0000000000000000000AA', chunk, {
          by,
          taken,
          lines,
          data: encodeLines(lines),
          expiresAt,
        });
  });
  const present = (item: Item) =>
    Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
  // The bytes of the lines may differ between versions of zlib; what they unpack to was compared above.
  const withoutLines = ({ l: _lines, ...rest }: Item) => rest;
  expect(again.map(present).map(withoutLines)).toEqual(items.map(withoutLines));
});
