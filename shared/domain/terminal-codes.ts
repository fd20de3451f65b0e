/** Colours and other CSI sequences, window titles and other OSC strings, single-character escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const TERMINAL_CODES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_=>])/g;

/** The text as it reads on a terminal, of whose codes only those are kept that are wanted: by default none. */
export const withoutTerminalCodes = (text: string, isKept = (_code: string) => false): string =>
  text.includes('\u001b') ? text.replace(TERMINAL_CODES, (code) => (isKept(code) ? code : '')) : text;

/** Where they stand. */
export const terminalCodesIn = (text: string): readonly { index: number; length: number }[] =>
  text.includes('\u001b')
    ? Array.from(text.matchAll(TERMINAL_CODES), ({ index, 0: code }) => ({ index, length: code.length }))
    : [];
