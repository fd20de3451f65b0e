import * as z from 'zod/mini';

/**
 * The same schema for what a newer service may send: members that this client does not know are kept at every depth,
 * not refused. What it does know still has to be of the right kind.
 */
export function tolerant<T>(schema: z.ZodMiniType<T>): z.ZodMiniType<T> {
  // Only what is read changes, never the type of it: a loose object holds at least what the strict one holds.
  return loosened(schema) as z.ZodMiniType<T>;
}

function loosened(schema: z.core.$ZodType): z.core.$ZodType {
  // The definition of a built-in schema; `type` tells which.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return z.looseObject(
        Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, loosened(field)])),
      );
    case 'array':
      return z.array(loosened(def.element));
    case 'optional':
      return z.optional(loosened(def.innerType));
    case 'record':
      return z.record(def.keyType, loosened(def.valueType));
    case 'union':
      // A discriminator needs no mention: its literal lets only one option pass.
      return z.union(def.options.map(loosened));
    default:
      return schema;
  }
}
