import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Comparator, ConditionTree, Operand, Path, UpdateTree } from './parse.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** What the `#names` and `:values` of one request stand for. */
export interface Substitutes {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Attributes;
}

/** A request that DynamoDB would refuse for its form. */
export class InvalidRequest extends Error {}

function nameOf(part: string, { names }: Substitutes): string {
  if (!part.startsWith('#')) return part;
  const name = names[part];
  if (name === undefined) throw new InvalidRequest(`The name ${part} is not defined.`);
  return name;
}

function givenValue(name: string, { values }: Substitutes): AttributeValue {
  const value = values[name];
  if (value === undefined) throw new InvalidRequest(`The value ${name} is not defined.`);
  return value;
}

function lookUp(item: Attributes | undefined, path: Path, given: Substitutes): AttributeValue | undefined {
  let found: AttributeValue | undefined = item === undefined ? undefined : { M: { ...item } };
  for (const part of path) {
    found = typeof part === 'number' ? found?.L?.[part] : found?.M?.[nameOf(part, given)];
    if (found === undefined) return undefined;
  }
  return found;
}

function read(item: Attributes | undefined, of: Operand, given: Substitutes): AttributeValue | undefined {
  switch (of.kind) {
    case 'value':
      return givenValue(of.name, given);
    case 'path':
      return lookUp(item, of.path, given);
    case 'size':
      return sizeOf(lookUp(item, of.path, given));
    case 'ifNotExists':
      return lookUp(item, of.path, given) ?? read(item, of.otherwise, given);
    case 'append': {
      const [left, right] = [read(item, of.left, given)?.L, read(item, of.right, given)?.L];
      if (left === undefined || right === undefined) throw new InvalidRequest('list_append needs two lists.');
      return { L: [...left, ...right] };
    }
    case 'sum': {
      const [left, right] = [read(item, of.left, given)?.N, read(item, of.right, given)?.N];
      if (left === undefined || right === undefined) throw new InvalidRequest('A sum needs two numbers.');
      return { N: String(Number(left) + of.sign * Number(right)) };
    }
  }
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined;
  if (value.S !== undefined) return { N: String(Buffer.byteLength(value.S)) };
  if (value.B !== undefined) return { N: String(value.B.byteLength) };
  const many = value.L ?? value.SS ?? value.NS ?? Object.keys(value.M ?? {});
  return { N: String(many.length) };
}

const kindOf = (value: AttributeValue): string => Object.keys(value)[0] ?? '';

/** Negative, zero or positive; undefined where the two cannot be put in order. */
export function order(left: AttributeValue, right: AttributeValue): number | undefined {
  if (left.S !== undefined && right.S !== undefined)
    return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if (left.N !== undefined && right.N !== undefined) return Number(left.N) - Number(right.N);
  if (left.B !== undefined && right.B !== undefined) return Buffer.compare(left.B, right.B);
  return undefined;
}

export function same(left: AttributeValue, right: AttributeValue): boolean {
  const ordered = order(left, right);
  if (ordered !== undefined) return ordered === 0;
  if (kindOf(left) !== kindOf(right)) return false;
  if (left.L !== undefined && right.L !== undefined) {
    const other = right.L;
    return (
      left.L.length === other.length &&
      left.L.every((one, i) => same(one, other[i] ?? { NULL: true }) && other[i] !== undefined)
    );
  }
  if (left.M !== undefined && right.M !== undefined) {
    const [mine, other] = [left.M, right.M];
    const names = Object.keys(mine);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => {
        const [one, two] = [mine[name], other[name]];
        return one !== undefined && two !== undefined && same(one, two);
      })
    );
  }
  const set = (value: AttributeValue) => JSON.stringify([...(value.SS ?? value.NS ?? [])].sort());
  if (left.SS !== undefined || left.NS !== undefined) return set(left) === set(right);
  return left.BOOL === right.BOOL && left.NULL === right.NULL;
}

function compare(sign: Comparator, left: AttributeValue, right: AttributeValue): boolean {
  if (sign === '=') return same(left, right);
  if (sign === '<>') return !same(left, right);
  const ordered = order(left, right);
  if (ordered === undefined) return false;
  if (sign === '<') return ordered < 0;
  if (sign === '<=') return ordered <= 0;
  return sign === '>' ? ordered > 0 : ordered >= 0;
}

/** Does the condition hold for the item (undefined: there is none)? */
export function holds(item: Attributes | undefined, tree: ConditionTree, given: Substitutes): boolean {
  switch (tree.kind) {
    case 'or':
      return tree.parts.some((part) => holds(item, part, given));
    case 'and':
      return tree.parts.every((part) => holds(item, part, given));
    case 'not':
      return !holds(item, tree.part, given);
    case 'compare': {
      const [left, right] = [read(item, tree.left, given), read(item, tree.right, given)];
      // What is not there is unequal to everything, and in no order with anything.
      if (left === undefined || right === undefined) return tree.sign === '<>';
      return compare(tree.sign, left, right);
    }
    case 'between': {
      const [of, low, high] = [tree.of, tree.low, tree.high].map((one) => read(item, one, given));
      if (of === undefined || low === undefined || high === undefined) return false;
      return compare('>=', of, low) && compare('<=', of, high);
    }
    case 'in': {
      const of = read(item, tree.of, given);
      const among = tree.among.map((one) => read(item, one, given));
      return of !== undefined && among.some((one) => one !== undefined && same(of, one));
    }
    case 'call':
      return answerTo(item, tree.name, tree.of, given);
  }
}

function answerTo(
  item: Attributes | undefined,
  name: string,
  of: readonly Operand[],
  given: Substitutes,
): boolean {
  const [first, second] = of.map((one) => read(item, one, given));
  switch (name) {
    case 'attribute_exists':
      return first !== undefined;
    case 'attribute_not_exists':
      return first === undefined;
    case 'attribute_type':
      return first !== undefined && kindOf(first) === second?.S;
    case 'begins_with':
      return first?.S !== undefined && second?.S !== undefined && first.S.startsWith(second.S);
    case 'contains': {
      if (first === undefined || second === undefined) return false;
      if (first.S !== undefined) return second.S !== undefined && first.S.includes(second.S);
      if (first.SS !== undefined) return second.S !== undefined && first.SS.includes(second.S);
      return (first.L ?? []).some((one) => same(one, second));
    }
    default:
      throw new InvalidRequest(`There is no function ${name}.`);
  }
}

/** The item as it is after the update; the one given stays as it was. */
export function updated(item: Attributes, tree: UpdateTree, given: Substitutes): Attributes {
  const next: Record<string, AttributeValue> = { ...item };
  for (const { path, value } of tree.set) {
    const right = read(item, value, given);
    if (right === undefined) throw new InvalidRequest('The update names a value that is not there.');
    put(next, path, right, given);
  }
  for (const { path, value } of tree.add) put(next, path, increased(item, path, value, given), given);
  for (const { path, value } of tree.delete) {
    const [old, less] = [lookUp(item, path, given)?.SS, read(item, value, given)?.SS];
    if (less === undefined) throw new InvalidRequest('DELETE needs a set.');
    const left = (old ?? []).filter((one) => !less.includes(one));
    put(next, path, left.length === 0 ? undefined : { SS: left }, given);
  }
  for (const path of tree.remove) put(next, path, undefined, given);
  return next;
}

function increased(item: Attributes, path: Path, value: Operand, given: Substitutes): AttributeValue {
  const [old, more] = [lookUp(item, path, given), read(item, value, given)];
  if (more?.N !== undefined) return { N: String(Number(old?.N ?? 0) + Number(more.N)) };
  if (more?.SS !== undefined) return { SS: [...new Set([...(old?.SS ?? []), ...more.SS])] };
  throw new InvalidRequest('ADD needs a number or a set.');
}

function put(
  into: Record<string, AttributeValue>,
  [first, ...rest]: Path,
  value: AttributeValue | undefined,
  given: Substitutes,
): void {
  if (typeof first !== 'string') throw new InvalidRequest('An update begins with an attribute.');
  const name = nameOf(first, given);
  const next = rest.length === 0 ? value : inside(into[name], rest, value, given);
  if (next === undefined) delete into[name];
  else into[name] = next;
}

function inside(
  old: AttributeValue | undefined,
  path: Path,
  value: AttributeValue | undefined,
  given: Substitutes,
): AttributeValue | undefined {
  const [first, ...rest] = path;
  if (typeof first === 'string' && old?.M !== undefined) {
    const map = { ...old.M };
    put(map, path, value, given);
    return { M: map };
  }
  if (typeof first === 'number' && old?.L !== undefined) {
    const list = [...old.L];
    const next = rest.length === 0 ? value : inside(list[first], rest, value, given);
    if (next === undefined) list.splice(first, 1);
    else list[Math.min(first, list.length)] = next;
    return { L: list };
  }
  if (value === undefined) return old;
  throw new InvalidRequest('The path of the update is not in the item.');
}
