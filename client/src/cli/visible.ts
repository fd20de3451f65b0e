import { withoutTerminalCodes } from '../../../shared/domain/terminal-codes.ts';

// What others wrote (a build's output, a commit's author, a message) may steer the terminal that shows it.

/** Of both sets (terminals take U+009B for ESC [), other than tab and line end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with an escape character.
const IS_COLOR = /^\u001b\[[0-9;]*m$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape character that begins no colour.
const NO_COLOR = /\u001b(?!\[[0-9;]*m)/g;

/** The text alone. */
export const stripped = (text: string): string =>
  withoutTerminalCodes(text).replace(CONTROL, '').replaceAll('\u001b', '');

/** The text with its colours, which end with it. */
export function onlyColors(text: string): string {
  const kept = withoutTerminalCodes(text, (code) => IS_COLOR.test(code))
    .replace(NO_COLOR, '')
    .replace(CONTROL, '');
  return kept.includes('\u001b') ? `${kept}\u001b[0m` : kept;
}

/** JSON itself leaves these as they are. */
const LEFT_BY_JSON = /[\u007f-\u009f]/g;

/** As JSON, for a terminal too: some take U+009B for ESC [, and JSON.stringify escapes none of that set. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(
    LEFT_BY_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Columns that a text takes on a terminal, near enough: colours take none, and wide letters are not looked for. */
export const visibleWidth = (text: string): number => [...stripped(text)].length;
