import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sinceTime } from '../../../client/src/cli/since.ts';

const NOW = Date.parse('2026-01-05T09:00:00.000Z');

describe('since when lines are wanted', () => {
  it.each([
    ['90s', '2026-01-05T08:58:30.000Z'],
    ['10m', '2026-01-05T08:50:00.000Z'],
    ['1h30m', '2026-01-05T07:30:00.000Z'],
    ['2d', '2026-01-03T09:00:00.000Z'],
    ['2026-01-04', '2026-01-04T00:00:00.000Z'],
    ['2026-01-04T12:00Z', '2026-01-04T12:00:00.000Z'],
    ['2026-01-04T12:00:01.5+01:00', '2026-01-04T11:00:01.500Z'],
  ])('%s is %s', (text, moment) => expect(sinceTime(text, NOW)).toBe(moment));

  it.each(['', 'yesterday', '10', '10 m', 'm', '-5m', '2026-13-01', '1', '99999999999d'])(
    '%j is refused, with what would be understood',
    (text) => expect(() => sinceTime(text, NOW)).toThrow(/10m.*ISO 8601/),
  );

  it('any moment in ISO 8601 is itself', () =>
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true }), (date) => {
        expect(sinceTime(date.toISOString(), NOW)).toBe(date.toISOString());
      }),
    ));
});
