import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServerFrame, serverFrame } from '../../../shared/contracts/realtime.ts';
import type { LogLine } from '../../../shared/domain/log.ts';
import { framesByFilter, stretchesOf } from '../../../shared/platform/line-frames.ts';

const DEPLOYMENT = 'dep_01JD0000000000000000000000';
const line = (n: number): LogLine => ({
  n,
  at: 0,
  level: n % 3 === 0 ? 'warn' : 'info',
  step: 'build',
  source: 'build',
  message: `line ${n}`,
});

type LogData = Extract<ServerFrame, { type: 'log' }>['data'];

function framesOf(numbers: readonly number[], filter: { readonly level?: 'warn' }): LogData[] {
  return stretchesOf(numbers.map(line)).flatMap(({ range, lines }) =>
    framesByFilter(
      DEPLOYMENT,
      lines,
      range,
      0,
    )(filter).flatMap((text) => {
      const frame = serverFrame.parse(JSON.parse(text));
      return frame.type === 'log' ? [frame.data] : [];
    }),
  );
}

describe('the frames of a batch that took several chunks', () => {
  it('do not speak for lines of others between its own', () => {
    const ranges = framesOf([4, 5, 9, 10, 11], {}).map(({ first, last }) => [first, last]);
    expect(ranges).toEqual([
      [4, 5],
      [9, 11],
    ]);
  });

  it('speak for all of its lines and for no other, whatever the filter', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.constantFrom({}, { level: 'warn' as const }), (some, filter) => {
        const batch = some.toSorted((a, b) => a - b);
        const spoken = framesOf(batch, filter).flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(spoken).toEqual(batch);
      }),
    );
  });
});
