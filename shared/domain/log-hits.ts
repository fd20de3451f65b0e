import { terminalCodesIn } from './terminal-codes.ts';

/** Where a text stands in a message: code units from `from` up to, without, `to`. */
export interface Hit {
  readonly from: number;
  readonly to: number;
}

/** Enough to colour; a line of nothing but hits need not answer with itself ten times over. */
export const MOST_HITS = 100;

/**
 * Every place of a text in a message, whatever its case and whatever colours stand between its letters. The text is
 * taken literally, so the time is that of looking it up: linear in the length of the message.
 */
export function hitsIn(message: string, search: string): Hit[] {
  const { text, places } = visible(message);
  const wanted = search.toLowerCase();
  const hits: Hit[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const last = places[at + wanted.length - 1] ?? message.length - 1;
    hits.push({ from: places[at] ?? 0, to: last + 1 });
    if (hits.length === MOST_HITS) break;
  }
  return hits;
}

/** The message without terminal codes and in lower case, and where each of its code units comes from. */
function visible(message: string): { readonly text: string; readonly places: readonly number[] } {
  const places: number[] = [];
  const parts: string[] = [];
  const take = (from: number, to: number) => {
    for (let at = from; at < to; ) {
      const character = String.fromCodePoint(message.codePointAt(at) ?? 0);
      const lower = character.toLowerCase();
      parts.push(lower);
      // A letter may become two: both come from here.
      for (let i = 0; i < lower.length; i += 1) places.push(at + Math.min(i, character.length - 1));
      at += character.length;
    }
  };
  let from = 0;
  for (const { index, length } of terminalCodesIn(message)) {
    take(from, index);
    from = index + length;
  }
  take(from, message.length);
  return { text: parts.join(''), places };
}
