import { MASK } from './mask.ts';

const label = '[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
const beginning = new RegExp(`-----BEGIN ${label}`);
const end = new RegExp(`-----END ${label}`);

/** Longer than any key in use (16,384 bit RSA: 200 lines); a key without an end hides no more than that. */
const MAX_KEY_LINES = 250;

/**
 * Masks PEM private keys, from the first to the last hyphen, on one line or over many.
 * @param left how many lines more the key may hide that the lines before these began; 0 outside of one
 * @returns the lines, and for each how many more a key may hide after it
 */
export function maskPrivateKeys(
  lines: readonly string[],
  left: number,
): { readonly lines: readonly string[]; readonly keyLinesLeft: readonly number[] } {
  const keyLinesLeft: number[] = [];
  let linesLeft = left;
  const masked = lines.map((line) => {
    const result = maskInLine(line, linesLeft > 0);
    linesLeft = result.insideKey ? (linesLeft || MAX_KEY_LINES) - 1 : 0;
    keyLinesLeft.push(linesLeft);
    return result.line;
  });
  return { lines: masked, keyLinesLeft };
}

/**
 * Do these lines, cut out of longer output, begin inside a private key? The first mark of one tells.
 * @param endInside what is known of their end, for lines that hold no mark
 */
export function startsInsideKey(lines: readonly string[], endInside: boolean): boolean {
  for (const line of lines) {
    const begins = beginning.exec(line)?.index ?? Number.POSITIVE_INFINITY;
    const ends = end.exec(line)?.index ?? Number.POSITIVE_INFINITY;
    if (begins !== ends) return ends < begins;
  }
  return endInside;
}

function maskInLine(
  line: string,
  insideKey: boolean,
): { readonly line: string; readonly insideKey: boolean } {
  let shown = '';
  let rest = line;
  let inside = insideKey;
  for (;;) {
    const boundary = (inside ? end : beginning).exec(rest);
    if (boundary === null) return { line: shown + (inside ? MASK : rest), insideKey: inside };
    shown += inside ? MASK : rest.slice(0, boundary.index);
    rest = rest.slice(boundary.index + boundary[0].length);
    inside = !inside;
  }
}
