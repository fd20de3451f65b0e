import { InvalidSourceUrl } from '../errors/source.ts';

export const SOURCE_SCHEMES = ['https', 'ssh', 'http', 'git', 'file'] as const;
export type SourceScheme = (typeof SOURCE_SCHEMES)[number];

/** What every runner may clone; the others only where the runner's own configuration says so. */
export const DEFAULT_SCHEMES: readonly SourceScheme[] = ['https', 'ssh'];

/** The address of a git repository in parts that were checked one by one. */
export interface SourceUrl {
  readonly scheme: SourceScheme;
  /** Lower case; empty for `file`. An IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Only for ssh. */
  readonly user: string | undefined;
  /** As git and its server see it, not percent-encoded; without a leading slash where relative to the user's home. */
  readonly path: string;
  /** What to give to git. `user@host:path` stays that, because ssh://host/path names another folder. */
  readonly href: string;
}

const MAX_LENGTH = 2048;
/** White space and control characters of all scripts, and the backslash that URL parsers disagree about. */
const forbidden = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]/u;
/** Wider than git's own rule; the colons of an IPv6 address come after its bracket. */
const transportHelper = /^[^/[]*::|\]:.*::/;
const urlForm = /^([a-z][a-z0-9+.-]*):\/\//i;
/** One letter before the colon is a drive on Windows, not a host. */
const scpForm = /^(?:([^@/:]+)@)?([^@/:[\]]{2,}|\[[0-9a-f:.]+\]):(?!\/\/)(.+)$/i;
const userForm = /^[a-z0-9_][a-z0-9_.-]*$/i;
const hostForm = /^(?:[a-z0-9](?:[a-z0-9_.-]*[a-z0-9_.])?|\[[0-9a-f:.]+\])$/i;

/**
 * Parses and checks the address of a repository; pure, and the only door through which one reaches git.
 * @param allowed schemes that this place may use
 * @throws InvalidSourceUrl with the reason
 */
export function parseSourceUrl(text: string, allowed: readonly SourceScheme[] = DEFAULT_SCHEMES): SourceUrl {
  if (text === '') throw new InvalidSourceUrl('empty');
  if (text.length > MAX_LENGTH) throw new InvalidSourceUrl('too-long');
  if (forbidden.test(text)) throw new InvalidSourceUrl('characters');
  if (text.startsWith('-')) throw new InvalidSourceUrl('option');
  if (transportHelper.test(text)) throw new InvalidSourceUrl('transport');
  const scheme = urlForm.exec(text)?.[1]?.toLowerCase();
  const source = scheme === undefined ? parseScp(text) : parseUrl(text, knownScheme(scheme));
  if (!allowed.includes(source.scheme)) throw new InvalidSourceUrl('scheme');
  return source;
}

function knownScheme(text: string): SourceScheme {
  const scheme = SOURCE_SCHEMES.find((known) => known === text);
  if (scheme === undefined) throw new InvalidSourceUrl('scheme');
  return scheme;
}

function parseScp(text: string): SourceUrl {
  const [, user, host, path] = scpForm.exec(text) ?? [];
  if (host === undefined || path === undefined) throw new InvalidSourceUrl('malformed');
  if (user !== undefined && !userForm.test(user)) throw new InvalidSourceUrl('credentials');
  // user:password@host without its scheme reads as host:path.
  if (path.includes('@')) throw new InvalidSourceUrl('credentials');
  if (!hostForm.test(host)) throw new InvalidSourceUrl('host');
  // https:/example.com is a typing error, not the folder /example.com on the host "https".
  if (SOURCE_SCHEMES.some((scheme) => scheme === host.toLowerCase())) throw new InvalidSourceUrl('malformed');
  if (/[?#]/.test(path)) throw new InvalidSourceUrl('query');
  checkPath(path);
  return { scheme: 'ssh', host: host.toLowerCase(), port: undefined, user, path, href: text };
}

function parseUrl(text: string, scheme: SourceScheme): SourceUrl {
  const url = URL.parse(text);
  if (url === null) throw new InvalidSourceUrl('malformed');
  if (/[?#]/.test(text)) throw new InvalidSourceUrl('query');
  if (url.password !== '' || (url.username !== '' && scheme !== 'ssh')) {
    throw new InvalidSourceUrl('credentials');
  }
  if (url.username !== '' && !userForm.test(url.username)) throw new InvalidSourceUrl('credentials');
  const afterScheme = text.slice(text.indexOf('://') + 3);
  // The parser skips surplus slashes, so that a piece of the path would become the host.
  if (scheme !== 'file' && afterScheme.startsWith('/')) throw new InvalidSourceUrl('host');
  checkHost(url.hostname, scheme);
  // The parser would quietly fold `..` away, and git would get another path than the one that was shown.
  checkPath(decoded(afterScheme.replace(/^[^/]*/, '')));
  return {
    scheme,
    host: url.hostname.toLowerCase(),
    port: url.port === '' ? undefined : Number(url.port),
    user: url.username === '' ? undefined : url.username,
    path: decoded(url.pathname),
    href: url.href,
  };
}

function checkHost(host: string, scheme: SourceScheme): void {
  const fits = scheme === 'file' ? host === '' : hostForm.test(host);
  if (!fits) throw new InvalidSourceUrl('host');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new InvalidSourceUrl('path');
  }
}

function checkPath(path: string): void {
  if (path.startsWith('-')) throw new InvalidSourceUrl('option');
  // A percent-encoded space is a legal name; a percent-encoded newline is an attack.
  if (/[\p{Cc}\\]/u.test(path)) throw new InvalidSourceUrl('characters');
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length === 0 || segments.includes('..') || segments.includes('.')) {
    throw new InvalidSourceUrl('path');
  }
}
