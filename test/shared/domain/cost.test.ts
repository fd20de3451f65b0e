import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCost, NO_COST } from '../../../shared/domain/cost.ts';

test('a green deployment of six states costs what its parts cost', () => {
  const cost = addCost(NO_COST, {
    transitions: 7,
    writeUnits: 100,
    readUnits: 100,
    posts: 10,
    lambdaMs: 10_000,
    gbSeconds: 5,
    invocations: 20,
    requests: 10,
    puts: 2,
    buildSeconds: 61,
  });
  expect(cost.control).toBeCloseTo(
    0.000175 + 0.0000625 + 0.0000125 + 0.00001 + 0.000066667 + 0.000004 + 0.00001 + 0.00001,
    8,
  );
  expect(cost.build).toBeCloseTo(2 * 0.0034, 10);
  expect(cost.usd).toBeCloseTo(cost.control + cost.build, 9);
});

test('adding in parts gives what adding at once gives', () => {
  const counts = fc.record({
    transitions: fc.nat(50),
    writeUnits: fc.nat(1000),
    readUnits: fc.nat(1000),
    posts: fc.nat(1000),
    lambdaMs: fc.nat(100_000),
    gbSeconds: fc.nat(100_000).map((n) => n / 1000),
    buildSeconds: fc.nat(4000),
  });
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      const parts = addCost(addCost(NO_COST, a), b);
      const sum = Object.fromEntries(
        Object.entries(a).map(([name, n]) => [name, Number((n + b[name as keyof typeof b]).toFixed(9))]),
      );
      expect(parts).toEqual(addCost(NO_COST, sum));
    }),
  );
});
