import type { Environment } from './environment.ts';

/** More environments than anybody goes through; each is read when something is to be promoted. */
export const MAX_PROMOTE_FROM = 10;

type Ordered = Pick<Environment, 'name' | 'promoteFrom'>;

export interface PromotionFault {
  /** Place in `promoteFrom`. */
  readonly index: number;
  readonly code: 'UNKNOWN_ENVIRONMENT' | 'INVALID_VALUE' | 'CIRCLE';
  readonly message: string;
}

/**
 * What is wrong with the environments that somebody wants to promote from; undefined where nothing is.
 * @param others the environments of the project as they are
 */
export function faultOfPromotion(
  { name, promoteFrom = [] }: Ordered,
  others: readonly Ordered[],
): PromotionFault | undefined {
  for (const [index, from] of promoteFrom.entries()) {
    if (from === name) return { index, code: 'INVALID_VALUE', message: 'is the environment itself' };
    if (!others.some((other) => other.name === from))
      return { index, code: 'UNKNOWN_ENVIRONMENT', message: `the project has no environment ${from}` };
    const circle = wayBack(from, name, others, new Set());
    if (circle !== undefined)
      return {
        index,
        code: 'CIRCLE',
        message: `closes a circle: ${[name, ...circle].join(' comes after ')}`,
      };
  }
  return undefined;
}

/** What the wanted order rests on: every environment that comes before, near or far. */
export function comesBefore<T extends Ordered>({ promoteFrom = [] }: Ordered, others: readonly T[]): T[] {
  const found = new Set<T>();
  const visit = (names: readonly string[]) => {
    for (const other of others) {
      if (!names.includes(other.name) || found.has(other)) continue;
      found.add(other);
      visit(other.promoteFrom ?? []);
    }
  };
  visit(promoteFrom);
  return [...found];
}

/** The names on the way from one environment to another, along what each is promoted from; undefined where none is. */
function wayBack(
  from: string,
  to: string,
  others: readonly Ordered[],
  seen: Set<string>,
): readonly string[] | undefined {
  if (from === to) return [from];
  if (seen.has(from)) return undefined;
  seen.add(from);
  for (const next of others.find(({ name }) => name === from)?.promoteFrom ?? []) {
    const way = wayBack(next, to, others, seen);
    if (way !== undefined) return [from, ...way];
  }
  return undefined;
}
