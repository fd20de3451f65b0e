import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Item } from '../../../../shared/store/engine.ts';
import { fromChunkItem, LOG_SHAPE, toChunkItem, toEndItem } from '../../../../shared/store/log-chunk.ts';
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

test.each([1, 2])('a log that version %i stored is read by this one', (version) => {
  const chunks = stored(version).map(fromChunkItem);
  const lines = chunks.flatMap((chunk) => chunk.read());
  expect(lines).toEqual(LINES);
  expect(hex(chainHash(new Uint8Array(32), lines))).toBe(hex(chunks.at(-1)?.hash ?? new Uint8Array()));
  expect(chunks.map(({ ended, first, by }) => ({ ended, first, by }))).toEqual([
    { ended: false, first: 1, by: 'build.0' },
    { ended: false, first: 3, by: 'steps' },
    { ended: true, first: 4, by: 'end' },
  ]);
  // Version 1 did not say which producer stood inside a private key.
  expect(chunks.map(({ keys }) => keys)).toEqual([{}, version === 1 ? {} : { 'build.0': 249 }, {}]);
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
  // The bytes of `lines` may differ between versions of zlib; what they unpack to was compared above.
  const withoutLines = ({ lines: _lines, ...rest }: Item) => rest;
  expect(again.map(present).map(withoutLines)).toEqual(items.map(withoutLines));
});
