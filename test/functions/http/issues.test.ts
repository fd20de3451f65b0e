import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { parsed } from '../../../functions/http/issues.ts';
import { jsonPointer, valueAt } from '../../../functions/http/pointer.ts';
import { ValidationFailed } from '../../../shared/errors/requests.ts';

const schema = z.strictObject({
  name: z.string().check(z.maxLength(3)),
  count: z.optional(z.number().check(z.int(), z.minimum(1))),
  kind: z.optional(z.enum(['a', 'b'])),
  target: z.optional(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('site') }),
      z.strictObject({ kind: z.literal('custom'), url: z.string() }),
    ]),
  ),
  either: z.optional(z.union([z.string(), z.strictObject({ deep: z.strictObject({ n: z.number() }) })])),
  list: z.optional(z.array(z.strictObject({ 'a/b~c': z.boolean() }))),
});

function issuesOf(value: unknown) {
  try {
    parsed(schema, value);
    return [];
  } catch (error) {
    if (!(error instanceof ValidationFailed)) throw error;
    return error.issues.map(({ field, code }) => `${field} ${code}`);
  }
}

describe('a refused value names each wrong field by its JSON pointer', () => {
  test.each([
    ['nothing', undefined, [' REQUIRED']],
    ['a list', [], [' INVALID_TYPE']],
    ['a missing field', {}, ['/name REQUIRED']],
    ['a wrong type', { name: 1 }, ['/name INVALID_TYPE']],
    ['too long a text', { name: 'long' }, ['/name TOO_BIG']],
    ['too small a number', { name: 'a', count: 0 }, ['/count TOO_SMALL']],
    ['a fraction', { name: 'a', count: 1.5 }, ['/count INVALID_TYPE']],
    ['a value outside the list', { name: 'a', kind: 'c' }, ['/kind INVALID_VALUE']],
    ['unknown fields', { name: 'a', x: 1, y: 2 }, ['/x UNKNOWN_FIELD', '/y UNKNOWN_FIELD']],
    ['an unknown kind', { name: 'a', target: { kind: 'no' } }, ['/target/kind INVALID_VALUE']],
    ['no kind', { name: 'a', target: {} }, ['/target/kind REQUIRED']],
    ['the fields of a kind', { name: 'a', target: { kind: 'custom' } }, ['/target/url REQUIRED']],
    ['the nearest form', { name: 'a', either: { deep: { n: 'x' } } }, ['/either/deep/n INVALID_TYPE']],
    ['names that need escaping', { name: 'a', list: [{ 'a/b~c': 1 }] }, ['/list/0/a~1b~0c INVALID_TYPE']],
    ['several at once', { count: 0 }, ['/name REQUIRED', '/count TOO_SMALL']],
  ])('%s', (_, value, expected) => {
    expect(issuesOf(value)).toEqual(expected);
  });
});

test('a refusal never repeats the value that was sent', () => {
  const secret = 'hunter2-hunter2';
  try {
    parsed(schema, { name: secret, [secret.slice(0, 3)]: secret });
    expect.unreachable();
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain(secret);
    expect(String(error)).not.toContain(secret);
  }
});

test('fifty issues are told at most', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`unknown${i}`, 1]));
  expect(issuesOf({ name: 'a', ...many })).toHaveLength(50);
});

test('a JSON pointer leads back to the value it was made for', () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat(5)), { maxLength: 5 });
  fc.assert(
    fc.property(path, fc.string(), (parts, leaf) => {
      const root = parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), leaf);
      const back = jsonPointer(parts)
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      expect(back).toEqual(parts.map(String));
      // A field named __proto__ cannot be made by an object literal's computed key alone.
      fc.pre(!parts.includes('__proto__'));
      expect(valueAt(root, back)).toBe(leaf);
    }),
  );
});
