import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Freeze, holdAt, nextStretch } from '../../../shared/domain/freezes.ts';

const at = (iso: string) => Date.parse(iso);
const shop = { projectId: 'prj_shop', environmentType: 'production' } as const;

const freeze = (given: Partial<Freeze>): Freeze => ({
  id: 'frz_1',
  scope: {},
  from: '2026-12-24T12:00:00.000Z',
  to: '2026-12-27T06:00:00.000Z',
  timezone: 'UTC',
  reason: 'Christmas',
  createdAt: '2026-11-01T00:00:00.000Z',
  createdBy: 'ada',
  ...given,
});

/** From Friday 17:00 to Monday 08:00 in Berlin. */
const weekend = freeze({
  from: '2026-10-16T15:00:00.000Z',
  to: '2026-10-19T06:00:00.000Z',
  rrule: 'FREQ=WEEKLY;BYDAY=FR',
  timezone: 'Europe/Berlin',
});

describe('a freeze that comes once', () => {
  test.each([
    ['2026-12-24T11:59:59.999Z', false],
    ['2026-12-24T12:00:00.000Z', true],
    ['2026-12-27T05:59:59.999Z', true],
    ['2026-12-27T06:00:00.000Z', false],
  ])('at %s holds: %s', async (moment, holds) => {
    const hold = await holdAt([freeze({})], shop, at(moment));
    expect(hold?.until).toBe(holds ? at('2026-12-27T06:00:00.000Z') : undefined);
  });

  test('comes next until it is over', async () => {
    expect(await nextStretch(freeze({}), at('2026-12-01T00:00:00.000Z'))).toEqual({
      from: at('2026-12-24T12:00:00.000Z'),
      to: at('2026-12-27T06:00:00.000Z'),
    });
    expect(await nextStretch(freeze({}), at('2026-12-27T06:00:00.000Z'))).toBeUndefined();
  });
});

describe('the scope of a freeze', () => {
  const during = at('2026-12-25T00:00:00.000Z');
  test.each([
    ['everything', {}, true],
    ['the project', { projectId: 'prj_shop' }, true],
    ['another project', { projectId: 'prj_blog' }, false],
    ['the type', { environmentTypes: ['production', 'staging'] }, true],
    ['other types', { environmentTypes: ['preview'] }, false],
    ['another type of the project', { projectId: 'prj_shop', environmentTypes: ['preview'] }, false],
  ] as const)('of %s covers production of the shop: %s', async (_, scope, covered) => {
    expect((await holdAt([freeze({ scope })], shop, during)) !== undefined).toBe(covered);
  });

  test('is left by what was overridden, and only by that', async () => {
    const both = [freeze({ id: 'frz_1' }), freeze({ id: 'frz_2', to: '2026-12-26T00:00:00.000Z' })];
    expect((await holdAt(both, shop, during))?.freeze.id).toBe('frz_1');
    expect((await holdAt(both, shop, during, ['frz_1']))?.freeze.id).toBe('frz_2');
    expect(await holdAt(both, shop, during, ['frz_1', 'frz_2'])).toBeUndefined();
  });
});

describe('a freeze that comes again', () => {
  test.each([
    ['a Friday before the hour', '2026-10-23T14:59:00.000Z', undefined],
    // The clocks go back on Sunday: Monday 08:00 is an hour later in UTC than the week before.
    ['a weekend in which the clocks change', '2026-10-24T12:00:00.000Z', '2026-10-26T07:00:00.000Z'],
    ['the hour before it ends', '2026-10-26T06:30:00.000Z', '2026-10-26T07:00:00.000Z'],
    ['its end', '2026-10-26T07:00:00.000Z', undefined],
    ['a Friday in winter', '2026-10-30T16:00:00.000Z', '2026-11-02T07:00:00.000Z'],
    ['years later, on a Saturday', '2036-01-05T12:00:00.000Z', '2036-01-07T07:00:00.000Z'],
  ])('on %s', async (_, moment, until) => {
    const hold = await holdAt([weekend], shop, at(moment));
    expect(hold && new Date(hold.until).toISOString()).toBe(until);
  });

  test('never holds before its first time', async () => {
    expect(await holdAt([weekend], shop, at('2026-10-10T00:00:00.000Z'))).toBeUndefined();
  });

  test('is over where its rule ends', async () => {
    const twice = { ...weekend, rrule: 'FREQ=WEEKLY;BYDAY=FR;COUNT=2' };
    expect(await nextStretch(twice, at('2026-10-20T00:00:00.000Z'))).toMatchObject({
      from: at('2026-10-23T15:00:00.000Z'),
    });
    expect(await nextStretch(twice, at('2026-10-27T00:00:00.000Z'))).toBeUndefined();
  });

  test('holds at each moment that some occurrence covers, and at no other', async () => {
    const daily = freeze({
      from: '2026-03-01T22:00:00.000Z',
      to: '2026-03-02T04:00:00.000Z',
      rrule: 'FREQ=DAILY',
    });
    const minutes = fc.integer({ min: 0, max: 60 * 24 * 400 });
    await fc.assert(
      fc.asyncProperty(minutes, async (minute) => {
        const moment = at('2026-03-01T00:00:00.000Z') + minute * 60_000;
        const hour = new Date(moment).getUTCHours();
        const covered = (hour >= 22 || hour < 4) && moment >= at(daily.from);
        expect((await holdAt([daily], shop, moment)) !== undefined).toBe(covered);
      }),
    );
  });
});
