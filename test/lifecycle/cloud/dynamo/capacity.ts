import { itemBytes } from '../../../support/item-size.ts';
import type { Attributes } from './evaluate.ts';
import { projected, type Table } from './table.ts';

/** What reads and writes of these tables use (developer guide, "Read/write capacity mode"), in request units. */
const READ_BYTES = 4096;
const WRITE_BYTES = 1024;

/** A strong read of a begun 4 KB is a unit, an eventual one half of it; of nothing, that of the smallest item. */
export function readCapacity(items: readonly Attributes[], consistent: boolean): number {
  const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
  return Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5);
}

/** The larger of the item before and after, and what each index that shows a difference takes for itself. */
export function writeCapacity(
  table: Table,
  before: Attributes | undefined,
  after: Attributes | undefined,
): number {
  const own = Math.max(unitsOf(before), unitsOf(after), 1);
  return table.shape.indexes.reduce((sum, index) => {
    const [was, is] = [before, after].map((item) =>
      item?.[index.partition] === undefined || item[index.sort] === undefined
        ? undefined
        : projected(index, item),
    );
    return sum + indexCapacity(was, is, [index.partition, index.sort]);
  }, own);
}

function indexCapacity(
  was: Attributes | undefined,
  is: Attributes | undefined,
  keys: readonly string[],
): number {
  if (was === undefined || is === undefined) return unitsOf(was ?? is);
  if (keys.some((name) => was[name]?.S !== is[name]?.S)) return unitsOf(was) + unitsOf(is);
  return JSON.stringify(was) === JSON.stringify(is) ? 0 : Math.max(unitsOf(was), unitsOf(is));
}

const unitsOf = (item: Attributes | undefined) =>
  item === undefined ? 0 : Math.ceil(sizeOf(item) / WRITE_BYTES);

/** Items never change, only what stands at a key does; so each is measured once. */
const sizes = new WeakMap<Attributes, number>();
function sizeOf(item: Attributes): number {
  const known = sizes.get(item) ?? itemBytes(item);
  sizes.set(item, known);
  return known;
}
