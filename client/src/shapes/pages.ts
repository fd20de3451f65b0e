import { type Check, dict, list, maybe, num, shape, text } from '../shape.ts';

/** One page of a list; `nextCursor` goes on where it ended. */
export interface ListOf<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
  readonly filters: Readonly<Record<string, string>>;
  readonly total?: number | undefined;
}

export const pageOf = <T>(item: Check<T>): Check<ListOf<T>> =>
  shape<ListOf<T>>({
    items: list<readonly T[]>(item),
    nextCursor: maybe(text()),
    filters: dict(text()),
    total: maybe(num()),
  });
