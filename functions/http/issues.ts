import type * as z from 'zod/mini';
import { type FieldIssue, ValidationFailed } from '../../shared/errors/requests.ts';
import { jsonPointer, valueAt } from './pointer.ts';
import type { Schema } from './route.ts';

type Issue = z.core.$ZodIssue;

/** zod/mini carries no words of its own; schemas that give some keep them. */
const NO_WORDS = 'Invalid input';
/** More than this helps nobody and makes the answer as large as the request. */
const MAX_ISSUES = 50;

/**
 * Parses a part of the request with its schema.
 * @throws ValidationFailed with one entry per wrong field.
 */
export function parsed<S extends Schema>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first, ...rest] = result.error.issues
    .flatMap((issue) => fieldIssues(issue, [], value))
    .slice(0, MAX_ISSUES);
  throw new ValidationFailed([
    first ?? { field: '', message: 'is not valid', code: 'INVALID_VALUE' },
    ...rest,
  ]);
}

function fieldIssues(issue: Issue, base: readonly PropertyKey[], root: unknown): FieldIssue[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: jsonPointer([...path, key]),
      message: 'is not a known field',
      code: 'UNKNOWN_FIELD',
    }));
  }
  if (issue.code === 'invalid_union') {
    const nearest = nearestBranch(issue.errors);
    if (nearest !== undefined) return nearest.flatMap((inner) => fieldIssues(inner, path, root));
  }
  const missing = valueAt(root, path) === undefined;
  return [
    {
      field: jsonPointer(path),
      message: issue.message === NO_WORDS ? words(issue, missing) : issue.message,
      code: codeOf(issue, missing),
    },
  ];
}

/** Of the forms a value may have, the one that it comes closest to: its error lies deepest, then it has the fewest. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map((issue) => issue.path.length));
  return [...branches].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
}

function words(issue: Issue, missing: boolean): string {
  if (missing) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return `must be one of ${optionsOf(issue)
        .map((option) => JSON.stringify(option))
        .join(', ')}`;
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_format':
      return `does not have the form of ${issue.format === 'regex' ? issue.pattern : issue.format}`;
    default:
      return 'is not valid';
  }
}

/** The values that a discriminator may have; zod sets them without declaring them. */
const optionsOf = (issue: Issue): readonly unknown[] =>
  'options' in issue && Array.isArray(issue.options) ? issue.options : [];

const article = (expected: string) =>
  `${/^[aeio]/.test(expected) ? 'an' : 'a'} ${expected === 'int' ? 'whole number' : expected}`.replace(
    'an whole',
    'a whole',
  );

function unit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

const CODES: Partial<Record<NonNullable<Issue['code']>, string>> = {
  invalid_type: 'INVALID_TYPE',
  too_small: 'TOO_SMALL',
  too_big: 'TOO_BIG',
  invalid_format: 'INVALID_FORMAT',
  invalid_key: 'INVALID_NAME',
};

function codeOf(issue: Issue, missing: boolean): string {
  if (missing) return 'REQUIRED';
  return CODES[issue.code] ?? 'INVALID_VALUE';
}
