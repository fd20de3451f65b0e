import { createHash } from 'node:crypto';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatheredGzip } from '../../../shared/store/gathered-gzip.ts';

const gathered = (pieces: readonly string[]) => {
  const gzip = new GatheredGzip();
  for (const piece of pieces) gzip.add(piece);
  return gzip.end();
};

test('what was gathered unpacks to all of it, whatever it was', () => {
  const piece = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      expect(gunzipSync(gathered(pieces)).toString()).toBe(pieces.join(''));
    }),
  );
});

test('is one member, which is all that browsers and curl show', () => {
  const pieces = Array.from({ length: 50 }, (_, i) =>
    createHash('sha256')
      .update(`${i}`)
      .digest('hex')
      .repeat(1 + (i % 3)),
  );
  // Behind a header of ten bytes, up to the first block that says that it is the last.
  expect(inflateRawSync(gathered(pieces).subarray(10)).toString()).toBe(pieces.join(''));
});
