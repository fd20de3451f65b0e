import { PURGED_MESSAGE } from './log-purge.ts';
import type { Deployment } from './records.ts';

/** Shorter texts than this stand in half of all sentences, and say nothing. */
const SHORTEST = 4;
/** So much of a line that was cut off is taken for a part of it. */
const SHORTEST_PART = 8;
/** Where the last lines of a log begin in a text: below its first line, or where what stands before them was cut. */
const COPIED_LINES = /\n|… /;

/**
 * A text without the last lines of the log that it repeats below its own first line. They go as a whole: cut, split or
 * masked in another way than those that were stored, none of them can be told from one that was purged. Those that
 * were not stand in the log.
 */
export function withoutCopiedLines(text: string): string {
  const at = text.search(COPIED_LINES);
  return at === -1 ? text : `${text.slice(0, at)}\n${PURGED_MESSAGE}`;
}

/** A text without what these lines of a log said, nor any copied lines. The same again changes nothing. */
export function withoutLines(text: string, purged: readonly string[]): string {
  const own = withoutCopiedLines(text);
  const secrets = purged.map((line) => line.trim()).filter((line) => line.length >= SHORTEST);
  const [first = ''] = own.split('\n', 1);
  return withoutAny(first, secrets) + own.slice(first.length);
}

function withoutAny(line: string, secrets: readonly string[]): string {
  const part = line.replace(/^…|…$/g, '').trim();
  if (part.length >= SHORTEST_PART && secrets.some((secret) => secret.includes(part))) return PURGED_MESSAGE;
  // What was purged before stays as it is: a line may say `[purged]` itself, or a part of it.
  return line
    .split(PURGED_MESSAGE)
    .map((piece) => covered(piece, secrets))
    .join(PURGED_MESSAGE);
}

/** The text with each stretch that secrets cover, overlapping or side by side, as one mark. */
function covered(text: string, secrets: readonly string[]): string {
  const hidden = new Uint8Array(text.length);
  for (const secret of new Set(secrets)) {
    for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
      hidden.fill(1, at, at + secret.length);
    }
  }
  let shown = '';
  for (let at = 0; at < text.length; at += 1) {
    if (hidden[at] === 0) shown += text[at];
    else if (at === 0 || hidden[at - 1] === 0) shown += PURGED_MESSAGE;
  }
  return shown;
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

/** A record without what these lines said, in all of it that may repeat lines of the log. */
export function recordWithoutLines(deployment: Deployment, purged: readonly string[]): Deployment {
  const { failure, stages, hooks, note, validation, rolledBack } = deployment;
  const error = 'error' in deployment ? deployment.error : undefined;
  const all = { failure, stages, hooks, note, validation, rolledBack, error };
  const said = Object.fromEntries(Object.entries(all).filter(([, part]) => part !== undefined));
  // The members are those of the record itself, so it stays the member of the union that it is.
  return { ...deployment, ...withoutLinesIn(said, purged) } as Deployment;
}
