import * as z from 'zod/mini';

/** A whole number in a query: digits, then a range. */
export const queryInt = (min: number, max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,9}$/, 'must be a whole number')),
    z.pipe(
      z.transform((text: string) => Number(text)),
      z
        .number()
        .check(
          z.minimum(min, `must be between ${min} and ${max}`),
          z.maximum(max, `must be between ${min} and ${max}`),
        ),
    ),
  );

/** A switch in a query: absent is off. */
export const queryFlag = z._default(
  z.optional(
    z.pipe(
      z.enum(['true', 'false']),
      z.transform((text) => text === 'true'),
    ),
  ),
  false,
);

/** Query of every list: page size, where to go on, newest first unless `order=asc`. */
export const listQuery = {
  limit: z._default(z.optional(queryInt(1, 100)), 20),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(2048))),
  order: z._default(z.optional(z.enum(['asc', 'desc'])), 'desc'),
};

/** Answer of every list. `filters` echoes what was applied. */
export const listOf = <S extends z.ZodMiniType>(item: S) =>
  z.strictObject({
    items: z.array(item),
    /** Present while there may be more; opaque, and good only for this caller and these filters. */
    nextCursor: z.optional(z.string()),
    filters: z.record(z.string(), z.string()),
    total: z.optional(z.number()),
  });
