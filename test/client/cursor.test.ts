import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogCursor, type LogRange } from '../../client/src/realtime/cursor.ts';
import { line } from '../support/fake-slipway.ts';

const range = (first: number, last: number): LogRange => ({
  first,
  last,
  lines: Array.from({ length: last - first + 1 }, (_, i) => line(first + i, 'text')),
});
const numbers = (lines: readonly { readonly n: number }[]) => lines.map(({ n }) => n);

describe('a cursor', () => {
  it('takes what follows and drops what it has', () => {
    const cursor = new LogCursor(0, false);
    expect(numbers(cursor.frame(range(1, 3)).lines)).toEqual([1, 2, 3]);
    expect(numbers(cursor.frame(range(2, 5)).lines)).toEqual([4, 5]);
    expect(cursor.frame(range(1, 5))).toEqual({ lines: [], next: 'go-on' });
  });

  it('holds what came too early, and gives it in its order once what is before it has come', () => {
    const cursor = new LogCursor(0, false);
    cursor.subscribed(0);
    expect(cursor.frame(range(5, 6))).toEqual({ lines: [], next: 'hold' });
    expect(cursor.frame(range(2, 4)).next).toBe('hold');
    expect([cursor.at, cursor.hasGap]).toEqual([0, true]);
    expect(numbers(cursor.frame(range(1, 1)).lines)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([cursor.at, cursor.hasGap]).toEqual([6, false]);
  });

  it('keeps a bounded number of frames that came too early', () => {
    const cursor = new LogCursor(0, false);
    cursor.subscribed(0);
    for (let n = 2; n < 200; n += 1) cursor.frame(range(n, n));
    expect(numbers(cursor.frame(range(1, 1)).lines)).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
  });

  it('has a gap where the end came before the lines', () => {
    const cursor = new LogCursor(0, false);
    cursor.subscribed(0);
    expect(cursor.ended({ lines: 2, hash: 'a' }).next).toBe('hold');
    expect(cursor.hasGap).toBe(true);
    cursor.frame(range(1, 2));
    expect([cursor.hasGap, cursor.end]).toEqual([false, { lines: 2, hash: 'a' }]);
  });

  it('waits for the replay where a live frame has overtaken it, and reads where that does not come', () => {
    const cursor = new LogCursor(0, false);
    cursor.subscribed(10);
    for (let n = 11; n < 20; n += 1) expect(cursor.frame(range(n, n)).next).toBe('go-on');
    expect(cursor.frame(range(20, 20)).next).toBe('read');
  });

  it('reads what a frame names and does not hold, and what it leaves out without a filter', () => {
    const cursor = new LogCursor(0, false);
    expect(cursor.frame({ ...range(1, 1), last: 2, omitted: [2] }).next).toBe('read');
    expect(cursor.frame({ ...range(1, 1), last: 2 }).next).toBe('read');
    expect(new LogCursor(0, true).frame({ ...range(1, 1), last: 2 }).next).toBe('go-on');
  });

  it('goes on behind the lines that a filter passed over, in frames and in pages', () => {
    const cursor = new LogCursor(0, true);
    cursor.frame({ first: 1, last: 500, lines: [line(7, 'x')] });
    expect(cursor.at).toBe(500);
    expect(cursor.page({ items: [], nextCursor: '900' })).toEqual([]);
    expect(cursor.at).toBe(900);
    cursor.page({ items: [], end: { lines: 950, hash: 'a' } });
    expect(cursor.end).toEqual({ lines: 950, hash: 'a' });
  });

  it('refuses a page with a hole in it', () => {
    const page = { items: [line(1, 'a'), line(3, 'c')], nextCursor: '3' };
    expect(() => new LogCursor(0, false).page(page)).toThrow(/left out lines/);
  });

  it('is behind what the service has, and reads once it is sure, each time that it is told', () => {
    const cursor = new LogCursor(0, false);
    for (let pong = 0; pong < 2; pong += 1) {
      cursor.goesTo(5, false);
      expect([cursor.overdue(), cursor.overdue(), cursor.overdue()]).toEqual(['go-on', 'read', 'go-on']);
    }
  });

  it('is patient as long as lines come in', () => {
    const cursor = new LogCursor(0, false);
    cursor.goesTo(100, false);
    for (let n = 1; n <= 100; n += 1) {
      expect(cursor.overdue()).toBe('go-on');
      cursor.frame(range(n, n));
    }
    expect([cursor.overdue(), cursor.overdue(), cursor.overdue()]).toEqual(['go-on', 'go-on', 'go-on']);
  });

  it('misses the end of a log that has one', () => {
    const cursor = new LogCursor(3, false);
    cursor.goesTo(3, true);
    expect([cursor.overdue(), cursor.overdue()]).toEqual(['go-on', 'read']);
  });

  it('gives each line once and in order, whatever comes in whatever order', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 8 })));
    fc.assert(
      fc.property(ranges, (all) => {
        const cursor = new LogCursor(0, false);
        const given = all.flatMap(([first, more]) => numbers(cursor.frame(range(first, first + more)).lines));
        expect(given).toEqual(Array.from({ length: given.length }, (_, i) => i + 1));
      }),
    );
  });
});
