import type { Grant } from './access.ts';

/** Which claims a token must carry, and what it may then do. */
export interface ClaimRule {
  readonly claims: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
}

/** What a token may do by all rules that it fulfils; no grants where it fulfils none. */
export function accessByClaims(
  rules: readonly ClaimRule[],
  claims: Readonly<Record<string, unknown>>,
): { grants: Grant[]; groups: string[] } {
  const fulfilled = rules.filter((rule) => fulfils(rule, claims));
  return {
    grants: fulfilled.flatMap(({ grants }) => grants),
    groups: [...new Set(fulfilled.flatMap(({ groups }) => groups))],
  };
}

/** A rule without claims is fulfilled by nobody: it would let in everyone whom the issuer knows. */
function fulfils(rule: ClaimRule, claims: Readonly<Record<string, unknown>>): boolean {
  const wanted = Object.entries(rule.claims);
  return (
    wanted.length > 0 &&
    wanted.every(([name, pattern]) => Object.hasOwn(claims, name) && matches(pattern, claims[name]))
  );
}

function matches(pattern: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => matches(pattern, one));
  if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') return false;
  return isLike(pattern.split('*'), String(value));
}

/** `*` stands for any characters. Piece by piece and not by a regular expression, which a pattern could slow down. */
function isLike(pieces: readonly string[], text: string): boolean {
  const [first = '', ...rest] = pieces;
  if (!text.startsWith(first)) return false;
  if (rest.length === 0) return text === first;
  const last = rest.at(-1) ?? '';
  let position = first.length;
  for (const piece of rest.slice(0, -1)) {
    const found = text.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}
