import { InvalidAllowListEntry } from '../errors/net.ts';

/** One opened door: a host as it stands in a URL (lower case, brackets kept) and the ports behind it. */
interface AllowedHost {
  readonly host: string;
  readonly firstPort: number;
  readonly lastPort: number;
}

/**
 * The operator's allow-list: the only way for a user-given URL to a private address, and to plain `http`.
 * Matches the host as written in the URL, never what it resolves to, so that a stranger's name pointing
 * at an opened address stays shut.
 */
export class AllowList {
  readonly #entries: readonly AllowedHost[];

  constructor(entries: readonly AllowedHost[]) {
    this.#entries = entries;
  }

  permits(host: string, port: number): boolean {
    return this.#entries.some(
      (entry) => entry.host === host && port >= entry.firstPort && port <= entry.lastPort,
    );
  }
}

/** `host:port` or `host:first-last`; an IPv6 address in brackets. */
const entryForm = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@?#*[\]]+):(\d{1,5})(?:-(\d{1,5}))?$/;

/**
 * Parses the operator's list. There are no wildcards: each entry names one host and one port or port range.
 * @throws InvalidAllowListEntry naming the entry that is wrong
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  return new AllowList(entries.map(parseEntry));
}

function parseEntry(entry: string): AllowedHost {
  const [, host, first, last] = entryForm.exec(entry) ?? [];
  const firstPort = Number(first);
  const lastPort = Number(last ?? first);
  const url = host === undefined ? null : URL.parse(`http://${host}/`);
  if (url === null || firstPort < 1 || lastPort > 65535 || lastPort < firstPort) {
    throw new InvalidAllowListEntry(entry);
  }
  return { host: withoutTrailingDot(url.hostname), firstPort, lastPort };
}

/** `example.com.` and `example.com` are one host; TLS certificates and this list know the second form. */
export function withoutTrailingDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
