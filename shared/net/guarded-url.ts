import { UrlHasCredentials, UrlMalformed, UrlSchemeRefused } from '../errors/net.ts';
import { type AllowList, withoutTrailingDot } from './allow-list.ts';

/** A user-given URL after its only parse. */
export interface GuardedUrl {
  readonly url: URL;
  /** Host name or address without brackets: what is resolved or checked. */
  readonly hostname: string;
  /** The operator's list names this host and port. */
  readonly allowed: boolean;
}

const defaultPorts: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

/**
 * Parses by the WHATWG rules, which turn octal, hexadecimal, short and full-width forms of an IPv4 address
 * into the one form that is checked and connected to.
 * @throws UrlMalformed, UrlSchemeRefused, UrlHasCredentials
 */
export function parseGuardedUrl(text: string, allowList: AllowList): GuardedUrl {
  const url = URL.parse(text);
  if (url === null) throw new UrlMalformed();
  const defaultPort = defaultPorts[url.protocol];
  if (defaultPort === undefined) throw new UrlSchemeRefused(url.protocol.slice(0, -1), url.host);
  if (url.username !== '' || url.password !== '') throw new UrlHasCredentials(url.host);
  url.hostname = withoutTrailingDot(url.hostname);
  url.hash = '';
  const allowed = allowList.permits(url.hostname, url.port === '' ? defaultPort : Number(url.port));
  if (url.protocol !== 'https:' && !allowed) throw new UrlSchemeRefused('http', url.host);
  return { url, hostname: url.hostname.replace(/^\[|\]$/g, ''), allowed };
}
