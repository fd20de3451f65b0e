import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeLayers, mergePatch } from '../../../shared/domain/merge.ts';
import type { Json } from '../../../shared/domain/records.ts';
import { buildSnapshot } from '../../../shared/domain/snapshot.ts';
import { anEnvironment, aProject, aVersion } from '../../support/records.ts';

/** The examples of RFC 7396, appendix A. */
const EXAMPLES: [Json, Json, Json][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe('merging by RFC 7396', () => {
  test.each(EXAMPLES)('%j with %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  test('a patch that is applied twice changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
        const once = mergePatch(target as Json, patch as Json);
        expect(mergePatch(once, patch as Json)).toEqual(once);
      }),
    );
  });

  test('a field named __proto__ reaches no prototype', () => {
    const merged = mergeLayers({}, JSON.parse('{"__proto__": {"admin": true}}'));
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });
});

test('configuration merges project, version, environment and override, the later winning', () => {
  const snapshot = buildSnapshot(
    aProject({
      configuration: { from: 'project', only: { project: 1 }, gone: true },
      parameters: { p: 1, q: 1 },
    }),
    aVersion({ configuration: { from: 'version', only: { version: 2 } } }),
    anEnvironment({ configuration: { from: 'environment', only: { environment: 3 }, gone: null } }),
    { configuration: { from: 'override' }, parameters: { q: 2 } },
    true,
  );
  expect(snapshot.configuration).toEqual({
    from: 'override',
    only: { project: 1, version: 2, environment: 3 },
  });
  expect(snapshot.parameters).toEqual({ p: 1, q: 2 });
  expect(snapshot.frozen).toBe(true);
});
