import { MASK } from './mask.ts';
import { maskPrivateKeys } from './private-keys.ts';

/**
 * Secrets that can be told by their form, whoever made them. What would blot out ordinary logs (hex digests,
 * bare base64) is not here. All repeats are bounded, and follow text that is rare.
 */
const tokens = [
  // Slipway's own: API and runner tokens, job tokens, tickets.
  'sl[a-z]_[0-9A-Za-z_-]{30,200}',
  // AWS access key ids.
  '\\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\\b',
  // GitHub, GitLab.
  'gh[pousr]_[A-Za-z0-9]{36,255}',
  'github_pat_[A-Za-z0-9_]{22,255}',
  'gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_-]{20,200}(?:\\.[A-Za-z0-9_-]{2,20}){0,2}',
  // Package registries.
  'npm_[A-Za-z0-9]{36}',
  'pypi-[A-Za-z0-9_-]{50,300}',
  // Slack, Stripe, SendGrid, Google, model providers, hosting platforms.
  'xox[abeoprs]-[A-Za-z0-9-]{10,255}',
  'xapp-[0-9]-[A-Za-z0-9-]{10,255}',
  '[rs]k_(?:live|test)_[A-Za-z0-9]{10,255}',
  'whsec_[A-Za-z0-9+/=]{20,255}',
  'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
  'AIza[A-Za-z0-9_-]{35}',
  'ya29\\.[A-Za-z0-9_-]{20,2000}',
  'sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20,300}',
  'hf_[A-Za-z0-9]{34}',
  'nfp_[A-Za-z0-9]{36,100}',
  'rnd_[A-Za-z0-9]{20,100}',
  'do[opr]_v1_[a-f0-9]{64}',
  // JSON Web Tokens: header and payload are objects, the signature may be missing. Only from the beginning
  // of a run of such characters, so that a run is read once.
  '(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,8000}\\.eyJ[A-Za-z0-9_-]{2,8000}\\.[A-Za-z0-9_-]{0,2000}',
];

/** Secrets that can be told by what stands before them; that is kept, since it says what was hidden. */
const afterHead = [
  '(aws_?(?:secret_?access_?key|session_?token)["\']? {0,4}[:=] {0,4}["\']?)[A-Za-z0-9/+=]{40,2000}',
  '(hooks\\.slack\\.com/(?:services|workflows|triggers)/)[A-Za-z0-9/_-]{20,200}',
  '(authorization["\']? {0,4}[:=] {0,4}["\']?(?:bearer|basic|token) {1,4})[^\\s"\']{8,4000}',
  // user:password@host of a connection string.
  '(\\b[a-z][a-z0-9+.-]{1,20}://[^\\s:/@"\']{0,100}:)[^\\s/@"\']{1,300}(?=@)',
];

const tokenPattern = new RegExp(tokens.join('|'), 'g');
const afterHeadPattern = new RegExp(afterHead.join('|'), 'gi');

/**
 * Masks known token forms and private keys in lines that belong together, in order (one producer's batch).
 * This is the second net: whoever knows the values has masked them at the source.
 * @param left how many lines more a private key may hide that the lines before these began; 0 outside of one
 * @returns the lines, one for each, and how many more a private key may hide after each of them
 */
export function maskKnownTokens(
  lines: readonly string[],
  left = 0,
): { readonly lines: readonly string[]; readonly keyLinesLeft: readonly number[] } {
  const { lines: masked, keyLinesLeft } = maskPrivateKeys(lines, left);
  return { lines: masked.map(maskTokensIn), keyLinesLeft };
}

function maskTokensIn(line: string): string {
  return line.replace(tokenPattern, MASK).replace(afterHeadPattern, (...match) => `${headOf(match)}${MASK}`);
}

/** The one group that took part. */
function headOf([, ...groups]: readonly unknown[]): string {
  const head = groups.slice(0, afterHead.length).find((group) => typeof group === 'string');
  return typeof head === 'string' ? head : '';
}
