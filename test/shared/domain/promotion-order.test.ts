import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comesBefore, faultOfPromotion } from '../../../shared/domain/promotion-order.ts';

const chain = [
  { name: 'dev' },
  { name: 'qa', promoteFrom: ['dev'] },
  { name: 'staging', promoteFrom: ['qa'] },
  { name: 'production', promoteFrom: ['staging'] },
];

describe('the order of promotion', () => {
  test.each([
    ['one that comes before', 'production', ['staging', 'dev'], undefined],
    ['nothing', 'production', undefined, undefined],
    ['itself', 'qa', ['qa'], { index: 0, code: 'INVALID_VALUE' }],
    ['one that is not there', 'qa', ['dev', 'nowhere'], { index: 1, code: 'UNKNOWN_ENVIRONMENT' }],
    [
      'one that comes after, far away',
      'dev',
      ['production'],
      {
        index: 0,
        code: 'CIRCLE',
        message:
          'closes a circle: dev comes after production comes after staging comes after qa comes after dev',
      },
    ],
  ])('of what is promoted from %s', (_, name, promoteFrom, fault) => {
    const found = faultOfPromotion({ name, promoteFrom }, chain);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(fault);
  });

  test('rests on everything that comes before, near or far', () => {
    const order = { name: 'production', promoteFrom: ['staging'] };
    expect(comesBefore(order, chain).map(({ name }) => name)).toEqual(['staging', 'qa', 'dev']);
  });

  test('whatever is taken after whatever, there is no circle', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const change = fc.record({
      name: fc.constantFrom(...names),
      promoteFrom: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        let all: { readonly name: string; readonly promoteFrom: readonly string[] }[] = names.map((name) => ({
          name,
          promoteFrom: [],
        }));
        for (const wanted of changes) {
          if (faultOfPromotion(wanted, all) !== undefined) continue;
          all = all.map((one) => (one.name === wanted.name ? wanted : one));
        }
        // Taking away, again and again, what comes after nothing that is left empties every order without a circle.
        let left = all;
        for (let round = 0; round < names.length; round += 1)
          left = left.filter(({ promoteFrom }) => left.some(({ name }) => promoteFrom.includes(name)));
        expect(left).toEqual([]);
      }),
    );
  });
});
