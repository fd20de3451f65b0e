import { Tokens } from './tokens.ts';

/** A place in an item: attribute names (possibly `#substitutes`) and list indexes. */
export type Path = readonly (string | number)[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly path: Path }
  | { readonly kind: 'ifNotExists'; readonly path: Path; readonly otherwise: Operand }
  | { readonly kind: 'append'; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'sum'; readonly sign: 1 | -1; readonly left: Operand; readonly right: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionTree =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly ConditionTree[] }
  | { readonly kind: 'not'; readonly part: ConditionTree }
  | {
      readonly kind: 'compare';
      readonly sign: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly of: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly of: Operand; readonly among: readonly Operand[] }
  | { readonly kind: 'call'; readonly name: string; readonly of: readonly Operand[] };

export interface UpdateTree {
  readonly set: readonly { readonly path: Path; readonly value: Operand }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: Operand }[];
  readonly delete: readonly { readonly path: Path; readonly value: Operand }[];
}

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const CALLS = ['ATTRIBUTE_EXISTS', 'ATTRIBUTE_NOT_EXISTS', 'ATTRIBUTE_TYPE', 'BEGINS_WITH', 'CONTAINS'];

const conditions = new Map<string, ConditionTree>();
const updates = new Map<string, UpdateTree>();

/** The condition as a tree; each text is parsed once. */
export function parseCondition(text: string): ConditionTree {
  let tree = conditions.get(text);
  if (tree === undefined) {
    const tokens = new Tokens(text);
    tree = anyOf(tokens);
    if (!tokens.done) throw new SyntaxError(`Nothing may follow ${tokens.peek()}: ${text}`);
    conditions.set(text, tree);
  }
  return tree;
}

function anyOf(tokens: Tokens): ConditionTree {
  const parts = [allOf(tokens)];
  while (tokens.takes('OR')) parts.push(allOf(tokens));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
}

function allOf(tokens: Tokens): ConditionTree {
  const parts = [negated(tokens)];
  while (tokens.takes('AND')) parts.push(negated(tokens));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
}

const negated = (tokens: Tokens): ConditionTree =>
  tokens.takes('NOT') ? { kind: 'not', part: negated(tokens) } : primary(tokens);

function primary(tokens: Tokens): ConditionTree {
  if (tokens.takes('(')) {
    const inner = anyOf(tokens);
    tokens.expect(')');
    return inner;
  }
  const name = tokens.peek().toUpperCase();
  if (CALLS.includes(name) && tokens.peek(1) === '(') {
    tokens.next();
    return { kind: 'call', name: name.toLowerCase(), of: operands(tokens) };
  }
  const left = operand(tokens);
  if (tokens.takes('BETWEEN')) {
    const low = operand(tokens);
    tokens.expect('AND');
    return { kind: 'between', of: left, low, high: operand(tokens) };
  }
  if (tokens.takes('IN')) return { kind: 'in', of: left, among: operands(tokens) };
  const sign = tokens.next();
  if (!COMPARATORS.includes(sign)) throw new SyntaxError(`${sign} is no comparison.`);
  // Just looked up among the comparators.
  return { kind: 'compare', sign: sign as Comparator, left, right: operand(tokens) };
}

function operands(tokens: Tokens): Operand[] {
  tokens.expect('(');
  const found = [operand(tokens)];
  while (tokens.takes(',')) found.push(operand(tokens));
  tokens.expect(')');
  return found;
}

function operand(tokens: Tokens): Operand {
  if (tokens.peek().startsWith(':')) return { kind: 'value', name: tokens.next() };
  if (tokens.peek().toLowerCase() === 'size' && tokens.peek(1) === '(') {
    tokens.next();
    tokens.expect('(');
    const of = path(tokens);
    tokens.expect(')');
    return { kind: 'size', path: of };
  }
  return { kind: 'path', path: path(tokens) };
}

function path(tokens: Tokens): Path {
  const parts: (string | number)[] = [tokens.next()];
  for (;;) {
    if (tokens.takes('.')) parts.push(tokens.next());
    else if (tokens.takes('[')) {
      parts.push(Number(tokens.next()));
      tokens.expect(']');
    } else return parts;
  }
}

/** The update as a tree; each text is parsed once. */
export function parseUpdate(text: string): UpdateTree {
  let tree = updates.get(text);
  if (tree === undefined) {
    tree = clauses(new Tokens(text));
    updates.set(text, tree);
  }
  return tree;
}

function clauses(tokens: Tokens): UpdateTree {
  const set: { path: Path; value: Operand }[] = [];
  const remove: Path[] = [];
  const add: { path: Path; value: Operand }[] = [];
  const del: { path: Path; value: Operand }[] = [];
  const list = (one: () => void) => {
    do one();
    while (tokens.takes(','));
  };
  while (!tokens.done) {
    if (tokens.takes('SET')) {
      list(() => {
        const place = path(tokens);
        tokens.expect('=');
        set.push({ path: place, value: setValue(tokens) });
      });
    } else if (tokens.takes('REMOVE')) list(() => void remove.push(path(tokens)));
    else if (tokens.takes('ADD')) list(() => void add.push({ path: path(tokens), value: operand(tokens) }));
    else if (tokens.takes('DELETE'))
      list(() => void del.push({ path: path(tokens), value: operand(tokens) }));
    else throw new SyntaxError(`${tokens.peek()} begins no clause of an update.`);
  }
  return { set, remove, add, delete: del };
}

function setValue(tokens: Tokens): Operand {
  const left = setTerm(tokens);
  if (tokens.takes('+')) return { kind: 'sum', sign: 1, left, right: setTerm(tokens) };
  if (tokens.takes('-')) return { kind: 'sum', sign: -1, left, right: setTerm(tokens) };
  return left;
}

function setTerm(tokens: Tokens): Operand {
  const name = tokens.peek().toLowerCase();
  if (tokens.peek(1) !== '(') return operand(tokens);
  if (name === 'if_not_exists') {
    tokens.next();
    tokens.expect('(');
    const of = path(tokens);
    tokens.expect(',');
    const otherwise = setTerm(tokens);
    tokens.expect(')');
    return { kind: 'ifNotExists', path: of, otherwise };
  }
  if (name === 'list_append') {
    tokens.next();
    tokens.expect('(');
    const left = setTerm(tokens);
    tokens.expect(',');
    const right = setTerm(tokens);
    tokens.expect(')');
    return { kind: 'append', left, right };
  }
  return operand(tokens);
}
