import { PURGED_MESSAGE } from './log-purge.ts';

/** Shorter texts than this stand in half of all sentences, and say nothing. */
const SHORTEST = 4;
/** So much of a line that was cut off is taken for a part of it. */
const SHORTEST_PART = 8;

/**
 * A text without what lines of a log said: the last lines of a build stand in the message of its failure, whole or with
 * their beginning or end cut off.
 */
export function withoutLines(text: string, purged: readonly string[]): string {
  const secrets = purged.map((line) => line.trim()).filter((line) => line.length >= SHORTEST);
  if (secrets.length === 0) return text;
  return text
    .split('\n')
    .map((line) => withoutAny(line, secrets))
    .join('\n');
}

function withoutAny(line: string, secrets: readonly string[]): string {
  const part = line.replace(/^…|…$/g, '').trim();
  if (part.length >= SHORTEST_PART && secrets.some((secret) => secret.includes(part))) return PURGED_MESSAGE;
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, PURGED_MESSAGE), line);
}

/** The members that hold text for people; all others are ids, times and words of a fixed set. */
const TEXTS: ReadonlySet<string> = new Set([
  ...['message', 'cause', 'suggestion', 'note', 'reason'],
  ...['errors', 'warnings', 'suggestions'],
]);

/** The same for all text for people in a part of a record, at any depth. Nothing else of it changes. */
export function withoutLinesIn<T>(value: T, purged: readonly string[]): T {
  // Only strings become other strings, so the type stays what it was.
  return cleaned(value, purged, false) as T;
}

function cleaned(value: unknown, purged: readonly string[], isText: boolean): unknown {
  if (typeof value === 'string') return isText ? withoutLines(value, purged) : value;
  if (Array.isArray(value)) return value.map((one) => cleaned(one, purged, isText));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, cleaned(one, purged, TEXTS.has(name))]),
  );
}
