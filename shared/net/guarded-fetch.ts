import { isIP } from 'node:net';
import { AddressRefused, HostUnreachable, RedirectRefused } from '../errors/net.ts';
import { classifyAddress } from './address.ts';
import type { AllowList } from './allow-list.ts';
import { acceptedEncoding } from './body.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { type ExchangeRequest, type ExchangeResponse, exchange } from './exchange.ts';
import { type GuardedUrl, parseGuardedUrl } from './guarded-url.ts';
import type { ResolvedAddress, Resolver } from './resolver.ts';

export interface GuardedFetchParts {
  readonly resolve: Resolver;
  readonly allowList: AllowList;
  /** Certificate authorities in PEM, trusted instead of the system's: for hosts with a private authority. */
  readonly ca?: string;
}

export interface GuardedRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Names in lower case. `host` and `content-length` are set by the call itself. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For everything: name, connection, answer, redirects. Default 10 s. */
  readonly timeoutMs?: number;
  /** Cap on the decoded body. Default 1 MiB. */
  readonly maxBytes?: number;
  /** How many redirects within the same origin are followed, of GET and HEAD only. 0 hands out the 3xx. Default 3. */
  readonly maxRedirects?: number;
  readonly signal?: AbortSignal;
}

export interface GuardedResponse extends ExchangeResponse {
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

export type GuardedFetch = (request: GuardedRequest) => Promise<GuardedResponse>;

/**
 * The one way to call a URL that a user gave. Each hop is parsed once, resolved once, and connected to an
 * address that was checked; every address of the name must be public unless the operator's list names
 * host and port. Any status is an answer, not an error.
 *
 * The call rejects with UrlRefused where it will never be made, and with NetFailure where it was tried.
 */
export function createGuardedFetch(parts: GuardedFetchParts): GuardedFetch {
  return async (request) => {
    const deadline = startDeadline(request.timeoutMs ?? 10_000, request.signal);
    let guarded = parseGuardedUrl(request.url, parts.allowList);
    let hopsLeft = request.maxRedirects ?? 3;
    for (;;) {
      const addresses = await checkedAddresses(guarded, parts.resolve, deadline);
      const response = await exchange(toExchange(request, guarded.url, addresses, deadline, parts.ca));
      const location = request.maxRedirects === 0 ? undefined : redirectOf(response);
      if (location === undefined) return { ...response, url: guarded.url.href };
      guarded = nextHop(request, guarded.url, location, hopsLeft, parts.allowList);
      hopsLeft -= 1;
    }
  };
}

/** One resolution, and all of it is checked: one private answer among public ones refuses the host. */
async function checkedAddresses(
  { url, hostname, allowed }: GuardedUrl,
  resolve: Resolver,
  deadline: Deadline,
): Promise<readonly ResolvedAddress[]> {
  const addresses = literalAddress(hostname) ?? (await resolveOnce(url.host, hostname, resolve, deadline));
  for (const { address } of addresses) {
    const kind = classifyAddress(address);
    if (kind === 'public' || (kind === 'private' && allowed)) continue;
    throw new AddressRefused(url.host, address);
  }
  return addresses;
}

/** A literal is not resolved: Node connects to it as it stands, so it is what must be checked. */
function literalAddress(hostname: string): readonly ResolvedAddress[] | undefined {
  const family = isIP(hostname);
  return family === 4 || family === 6 ? [{ address: hostname, family }] : undefined;
}

async function resolveOnce(
  host: string,
  hostname: string,
  resolve: Resolver,
  deadline: Deadline,
): Promise<readonly ResolvedAddress[]> {
  try {
    const addresses = await deadline.race(() => resolve(hostname), host);
    if (addresses.length > 0) return addresses;
  } catch (cause) {
    if (deadline.signal.aborted) throw cause;
    throw new HostUnreachable(host, { cause });
  }
  throw new HostUnreachable(host);
}

function toExchange(
  request: GuardedRequest,
  url: URL,
  addresses: readonly ResolvedAddress[],
  deadline: Deadline,
  ca: string | undefined,
): ExchangeRequest {
  const { body } = request;
  return {
    url,
    method: request.method ?? 'GET',
    headers: { 'user-agent': 'slipway', 'accept-encoding': acceptedEncoding, ...request.headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
    addresses,
    maxBytes: request.maxBytes ?? 1024 * 1024,
    deadline,
    ca,
  };
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirectOf({ status, headers }: ExchangeResponse): string | undefined {
  return redirectStatuses.has(status) ? headers.location : undefined;
}

/** Where a redirect leads, checked like a first address; headers go along, so the origin must not change. */
function nextHop(
  request: GuardedRequest,
  from: URL,
  location: string,
  hopsLeft: number,
  allowList: AllowList,
): GuardedUrl {
  const method = request.method ?? 'GET';
  if (method !== 'GET' && method !== 'HEAD') throw new RedirectRefused(from.host, 'not-repeatable');
  if (hopsLeft === 0) throw new RedirectRefused(from.host, 'too-many');
  const target = URL.parse(location, from.href);
  if (target === null) throw new RedirectRefused(from.host, 'malformed');
  if (target.origin !== from.origin) throw new RedirectRefused(from.host, 'off-host');
  return parseGuardedUrl(target.href, allowList);
}
