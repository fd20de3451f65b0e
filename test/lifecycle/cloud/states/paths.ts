import type { ChoiceRule } from './definition.ts';

/** What a path finds. `$` and `$.a.b` look into the input, `$$...` into the context object. */
export function lookUp(path: string, input: unknown, context: unknown): unknown {
  const ofContext = path.startsWith('$$');
  const parts = path
    .slice(ofContext ? 2 : 1)
    .split('.')
    .filter((part) => part !== '');
  let found: unknown = ofContext ? context : input;
  for (const part of parts) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part))
      throw new StateError('States.Runtime', `The path ${path} is not there.`);
    // Any object has properties of unknown kinds.
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}

/** A failure by its name in the language: what Retry and Catch go by. */
export class StateError extends Error {
  readonly code: string;
  constructor(code: string, cause: string) {
    super(cause);
    this.code = code;
  }
}

/** Fills a template: every key that ends in `.$` stands for what its path finds. */
export function filled(template: unknown, input: unknown, context: unknown): unknown {
  if (Array.isArray(template)) return template.map((one) => filled(one, input, context));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), lookUp(String(value), input, context)]
        : [key, filled(value, input, context)],
    ),
  );
}

/** The input with a result put at the place; `null` drops the result. */
export function placed(input: unknown, path: string | null | undefined, result: unknown): unknown {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const parts = path.slice(2).split('.');
  const put = (into: unknown, [first, ...rest]: readonly string[]): unknown => {
    if (first === undefined) return result;
    const object = typeof into === 'object' && into !== null ? { ...into } : {};
    // Any object has properties of unknown kinds.
    return { ...object, [first]: put((object as Record<string, unknown>)[first], rest) };
  };
  return put(input, parts);
}

/** Does the rule of a Choice hold? */
export function chosen(rule: ChoiceRule, input: unknown): boolean {
  if (rule.And !== undefined) return rule.And.every((one) => chosen(one, input));
  if (rule.Or !== undefined) return rule.Or.some((one) => chosen(one, input));
  if (rule.Not !== undefined) return !chosen(rule.Not, input);
  const path = rule.Variable ?? '$';
  if (rule.IsPresent !== undefined) return rule.IsPresent === isPresent(path, input);
  const value = lookUp(path, input, {});
  if (rule.StringEquals !== undefined) return value === rule.StringEquals;
  if (rule.NumericEquals !== undefined) return value === rule.NumericEquals;
  if (rule.NumericGreaterThan !== undefined)
    return typeof value === 'number' && value > rule.NumericGreaterThan;
  if (rule.NumericLessThan !== undefined) return typeof value === 'number' && value < rule.NumericLessThan;
  if (rule.BooleanEquals !== undefined) return value === rule.BooleanEquals;
  throw new StateError('States.Runtime', `A rule that is not known here: ${JSON.stringify(rule)}`);
}

function isPresent(path: string, input: unknown): boolean {
  try {
    lookUp(path, input, {});
    return true;
  } catch {
    return false;
  }
}
