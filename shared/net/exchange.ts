import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { SlipwayError } from '../errors/base.ts';
import { ExchangeBroken, HostUnreachable } from '../errors/net.ts';
import { readCapped } from './body.ts';
import type { Deadline } from './deadline.ts';
import type { ResolvedAddress } from './resolver.ts';

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** The only addresses that may be connected to; checked by the caller. */
  readonly addresses: readonly ResolvedAddress[];
  /** Cap on the decoded body, in bytes. */
  readonly maxBytes: number;
  readonly deadline: Deadline;
  /** Certificate authorities in PEM, trusted instead of the system's. */
  readonly ca: string | undefined;
}

export interface ExchangeResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined as Node does. */
  readonly headers: http.IncomingHttpHeaders;
  /** Decoded. */
  readonly body: Buffer;
}

/** Becomes true once the request may have left this machine. */
interface Wire {
  connected: boolean;
}

/** One HTTP request and its whole answer, over a fresh connection to one of the given addresses. */
export async function exchange(request: ExchangeRequest): Promise<ExchangeResponse> {
  const wire: Wire = { connected: false };
  const { host } = request.url;
  try {
    const response = await send(request, wire);
    const status = response.statusCode ?? 0;
    const body = hasBody(request.method, status)
      ? await readCapped(response, request.maxBytes, host)
      : Buffer.alloc(0);
    response.resume();
    return { status, headers: response.headers, body };
  } catch (cause) {
    if (request.deadline.signal.aborted) throw request.deadline.error(host, wire.connected);
    if (cause instanceof SlipwayError) throw cause;
    throw wire.connected ? new ExchangeBroken(host, { cause }) : new HostUnreachable(host, { cause });
  }
}

function send(request: ExchangeRequest, wire: Wire): Promise<http.IncomingMessage> {
  const secure = request.url.protocol === 'https:';
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const outgoing = (secure ? https : http).request({
    host: request.url.hostname.replace(/^\[|\]$/g, ''),
    port: request.url.port || (secure ? 443 : 80),
    path: request.url.pathname + request.url.search,
    method: request.method,
    headers: headersOf(request),
    // A pooled connection could have been opened under another request's check.
    agent: false,
    lookup: answerWith(request.addresses),
    signal: request.deadline.signal,
    ...(request.ca !== undefined && { ca: request.ca }),
  });
  outgoing.once('socket', (socket) => {
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      wire.connected = true;
    });
  });
  outgoing.once('response', resolve);
  // Stays for good: a late error of a request already given up must not become an uncaught one.
  outgoing.on('error', reject);
  outgoing.end(request.body);
  return promise;
}

/** Answers that end with their headers, which may speak of an encoding all the same. */
function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

function headersOf({ headers, body, url }: ExchangeRequest): Record<string, string> {
  const own = { ...headers, host: url.host };
  return body === undefined ? own : { ...own, 'content-length': String(body.byteLength) };
}

/** A lookup that knows only the checked addresses: a second DNS answer is never asked for. */
function answerWith(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}
