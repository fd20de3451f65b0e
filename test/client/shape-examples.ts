import * as z from 'zod/mini';

/** Values for strings that have to have a form: the first that the schema takes. */
const WORDS = [
  'word',
  'a',
  ...['dep', 'prj', 'ver', 'sch', 'frz', 'tok', 'run', 'job'].map(
    (prefix) => `${prefix}_01JD0000000000000000000000`,
  ),
  '2026-01-01T00:00:00.000Z',
  'f'.repeat(64),
  'A_NAME',
  'a-name',
  'https://example.com/path',
];

/**
 * A value that the schema takes, with every member that there may be. Of a union the first of its options, or with
 * `every` all of them, by the literal that tells them apart.
 */
export function exampleOf(schema: z.core.$ZodType, options?: 'every'): unknown {
  // The definition of a built-in schema; `type` tells which.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, exampleOf(field)]));
    case 'array':
      return [exampleOf(def.element)];
    case 'optional':
    case 'default':
      return exampleOf(def.innerType);
    case 'record':
      return { [String(exampleOf(def.keyType))]: exampleOf(def.valueType) };
    case 'enum':
      return Object.values(def.entries)[0];
    case 'literal':
      return def.values[0];
    case 'boolean':
      return true;
    case 'custom':
      return { some: 'settings' };
    case 'union': {
      if (options !== 'every') return exampleOf(def.options[0] ?? z.never());
      // Each of these has a literal `type`.
      const all = def.options.map((option) => exampleOf(option) as { type: string });
      return Object.fromEntries(all.map((example) => [example.type, example]));
    }
    case 'number':
      return [1, 200, 60].find((value) => takes(schema, value));
    case 'string':
      return WORDS.find((word) => takes(schema, word));
    default:
      throw new Error(`No example of ${def.type} is known.`);
  }
}

const takes = (schema: z.core.$ZodType, value: unknown) => z.core.safeParse(schema, value).success;

/** The value with each of its members, at every depth, in turn of another kind; and where that is. */
export function* spoilt(
  value: unknown,
  path = '',
): Generator<{ readonly path: string; readonly value: unknown }> {
  if (typeof value !== 'object' || value === null) {
    yield { path, value: typeof value === 'string' ? 7 : 'another kind' };
    return;
  }
  if (path !== '') yield { path, value: 'another kind' };
  for (const [name, member] of Object.entries(value)) {
    for (const { path: at, value: other } of spoilt(member, `${path}.${name}`)) {
      const copy = Array.isArray(value) ? [...value] : { ...value };
      yield { path: at, value: Object.assign(copy, { [name]: other }) };
    }
  }
}
