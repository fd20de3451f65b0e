import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { IndexShape, TableShape } from '../../../../shared/store/tables.ts';
import type { Attributes } from './evaluate.ts';

/** A write as a stream tells of it. */
export interface Change {
  readonly key: { readonly pk: string; readonly sk: string };
  readonly before: Attributes | undefined;
  readonly after: Attributes | undefined;
}

const SEPARATOR = '\u0000';
const text = (value: AttributeValue | undefined): string => value?.S ?? '';

export const keyOf = (item: Attributes): { pk: string; sk: string } => ({
  pk: text(item['pk']),
  sk: text(item['sk']),
});

/** The items of one table, and those of each of its indexes by partition. */
export class Table {
  readonly shape: TableShape;
  readonly #partitions = new Map<string, Map<string, Attributes>>();
  /** Partitions in order, as they were asked for last and as long as nothing but items behind the last one came. */
  readonly #sorted = new Map<string, Attributes[]>();
  readonly #indexes = new Map<string, Map<string, Map<string, Attributes>>>();
  /** Told of every write, in the order in which they asked to be. */
  readonly listeners: ((change: Change) => void)[] = [];

  constructor(shape: TableShape) {
    this.shape = shape;
  }

  get(pk: string, sk: string): Attributes | undefined {
    return this.#partitions.get(pk)?.get(sk);
  }

  *all(): Generator<Attributes> {
    for (const partition of this.#partitions.values()) yield* partition.values();
  }

  /** Puts the item, or takes it away where there is none given. */
  write(pk: string, sk: string, item: Attributes | undefined): void {
    const before = this.get(pk, sk);
    const partition = this.#partitions.get(pk) ?? new Map<string, Attributes>();
    this.#partitions.set(pk, partition);
    if (item === undefined) partition.delete(sk);
    else partition.set(sk, item);
    this.#keepOrder(pk, sk, before, item);
    for (const index of this.shape.indexes) this.#index(index, `${pk}${SEPARATOR}${sk}`, before, item);
    if (before === item) return;
    for (const listen of this.listeners) listen({ key: { pk, sk }, before, after: item });
  }

  /** Puts what was kept of another table, of which nobody is told. */
  load(items: Iterable<Attributes>): void {
    const told = this.listeners.splice(0);
    for (const item of items) this.write(text(item['pk']), text(item['sk']), item);
    this.listeners.push(...told);
  }

  /** Items of a partition in the order of their sort keys. */
  partition(pk: string, index: IndexShape | undefined): Attributes[] {
    if (index === undefined) {
      const items =
        this.#sorted.get(pk) ??
        [...(this.#partitions.get(pk)?.values() ?? [])].sort((a, b) => compare(text(a['sk']), text(b['sk'])));
      this.#sorted.set(pk, items);
      return [...items];
    }
    const items = [...(this.#indexes.get(index.name)?.get(pk)?.values() ?? [])];
    const sort = (item: Attributes) => text(item[index.sort]);
    return items.sort(
      (a, b) =>
        compare(sort(a), sort(b)) ||
        compare(text(a['pk']), text(b['pk'])) ||
        compare(text(a['sk']), text(b['sk'])),
    );
  }

  #keepOrder(pk: string, sk: string, before: Attributes | undefined, item: Attributes | undefined): void {
    const sorted = this.#sorted.get(pk);
    const last = sorted?.at(-1);
    const isNext = before === undefined && (last === undefined || compare(text(last['sk']), sk) < 0);
    if (isNext && item !== undefined) sorted?.push(item);
    else this.#sorted.delete(pk);
  }

  #index(index: IndexShape, id: string, before: Attributes | undefined, after: Attributes | undefined): void {
    const partitions = this.#indexes.get(index.name) ?? new Map<string, Map<string, Attributes>>();
    this.#indexes.set(index.name, partitions);
    const was = before && text(before[index.partition]);
    if (was) partitions.get(was)?.delete(id);
    const is = after && text(after[index.partition]);
    if (!is || after === undefined || after[index.sort] === undefined) return;
    const members = partitions.get(is) ?? new Map<string, Attributes>();
    partitions.set(is, members);
    members.set(id, projected(index, after));
  }
}

/** What an index keeps of an item. */
export function projected(index: IndexShape, item: Attributes): Attributes {
  if (index.projection === 'all') return item;
  const names = ['pk', 'sk', index.partition, index.sort];
  if (index.projection === 'summary') names.push('summary');
  const kept = names.flatMap((name) => {
    const value = item[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(kept);
}

/** Sort keys are compared by their bytes. */
export const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
