import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeLayers } from '../../../shared/domain/merge.ts';
import type { JsonObject } from '../../../shared/domain/records.ts';
import { restoredConfiguration } from '../../../shared/domain/restored-configuration.ts';

test.each<{ fact: string; present: JsonObject; below: JsonObject; wanted: JsonObject; is: JsonObject }>([
  {
    fact: 'what was changed in the environment is changed back',
    present: { color: 'green' },
    below: { region: 'eu' },
    wanted: { region: 'eu', color: 'blue' },
    is: { color: 'blue' },
  },
  {
    fact: 'what was added to the environment goes',
    present: { color: 'blue', beta: true },
    below: {},
    wanted: { color: 'blue' },
    is: { color: 'blue' },
  },
  {
    fact: 'what the project changed is overruled here, and the project stays as it is',
    present: {},
    below: { region: 'us', flags: { a: 1, b: 2 } },
    wanted: { region: 'eu', flags: { a: 1 } },
    is: { region: 'eu', flags: { b: null } },
  },
  {
    fact: 'what says the same as before stays, also where the project says it too',
    present: { region: 'eu', color: 'green' },
    below: { region: 'eu' },
    wanted: { region: 'eu', color: 'blue' },
    is: { region: 'eu', color: 'blue' },
  },
  {
    fact: 'what gives the wanted configuration already is left alone',
    present: { color: 'blue', gone: null },
    below: {},
    wanted: { color: 'blue' },
    is: { color: 'blue', gone: null },
  },
])('$fact', ({ present, below, wanted, is }) => {
  expect(restoredConfiguration(present, below, wanted)).toEqual(is);
});

test('whatever stands where, the next merge gives what was restored', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'constructor');
  const { object } = fc.letrec<{ json: unknown; object: JsonObject }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, 1, 'x', [], [1, null]),
      tie('object') as fc.Arbitrary<unknown>,
    ),
    // The generator's own typing does not know that these values are JSON.
    object: fc.dictionary(name, tie('json'), {
      maxKeys: 3,
      noNullPrototype: true,
    }) as fc.Arbitrary<JsonObject>,
  }));
  fc.assert(
    fc.property(object, object, object, (present, lower, snapshot) => {
      const below = mergeLayers(lower);
      const wanted = mergeLayers(snapshot);
      const restored = restoredConfiguration(present, below, wanted);
      expect(mergeLayers(below, restored)).toEqual(wanted);
      expect(restoredConfiguration(restored, below, wanted)).toEqual(restored);
    }),
    { numRuns: 500 },
  );
});
