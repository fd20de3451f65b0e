import { type ErrorDetails, SlipwayError } from './base.ts';

/**
 * A user-given URL that Slipway will not call, whatever it answers. Messages name the host at most: a path
 * or query may hold a secret.
 */
export abstract class UrlRefused extends SlipwayError {
  readonly code = 'INVALID_CONFIG';
  readonly fault = 'caller';
  readonly retryable = false;
}

export class UrlMalformed extends UrlRefused {
  constructor(details: ErrorDetails = {}) {
    super('The address is not a URL.', { suggestion: 'Give a full https:// address.', ...details });
  }
}

export class UrlSchemeRefused extends UrlRefused {
  constructor(scheme: string, host: string) {
    super(`Slipway does not call ${host} by ${scheme}.`, {
      suggestion:
        'Use https, or ask the operator to put the host and port on the allow-list if plain http is meant.',
      facts: { scheme, host },
    });
  }
}

export class UrlHasCredentials extends UrlRefused {
  constructor(host: string) {
    super(`The address of ${host} holds a user name or password.`, {
      suggestion: 'Put the credential into a sensitive variable and take it out of the address.',
      facts: { host },
    });
  }
}

/** The host is, or resolves to, an address that is not globally routable. The address stays in the facts. */
export class AddressRefused extends UrlRefused {
  constructor(host: string, address: string) {
    super(`${host} is not on the public internet, so Slipway does not call it.`, {
      suggestion: 'Use a public address, or ask the operator to put this host and port on the allow-list.',
      facts: { host, address },
    });
  }
}

export type RedirectFault = 'off-host' | 'too-many' | 'not-repeatable' | 'malformed';

const redirectFaults: Readonly<Record<RedirectFault, string>> = {
  'off-host': 'to another host, port or scheme',
  'too-many': 'too often',
  'not-repeatable': 'a request that must not be sent twice',
  malformed: 'to something that is not a URL',
};

export class RedirectRefused extends UrlRefused {
  constructor(host: string, reason: RedirectFault) {
    super(`${host} redirects ${redirectFaults[reason]}; Slipway does not follow.`, {
      suggestion: 'Configure the final address.',
      facts: { host, reason },
    });
  }
}

/** An entry of the operator's allow-list that cannot be read. Nothing may start with half a list. */
export class InvalidAllowListEntry extends SlipwayError {
  readonly code = 'INVALID_CONFIG';
  readonly fault = 'service';
  readonly retryable = false;

  constructor(entry: string) {
    super(`The allow-list entry "${entry}" is not host:port or host:first-last.`, {
      suggestion: 'Correct the entry in the settings of the stack; an IPv6 address stands in brackets.',
      facts: { entry },
    });
  }
}

/** A call over the network that was allowed and failed. */
export abstract class NetFailure extends SlipwayError {
  readonly code = 'PLATFORM_UNAVAILABLE';
  readonly fault = 'platform';
  abstract override readonly retryable: boolean;
  /** True where the other side may have received the request: neither success nor failure, read back. */
  abstract readonly outcomeUnknown: boolean;
}

/** No address, no connection or no TLS session: nothing was sent. */
export class HostUnreachable extends NetFailure {
  readonly retryable = true;
  readonly outcomeUnknown = false;

  constructor(host: string, details: ErrorDetails = {}) {
    super(`${host} cannot be reached${reasonIn(details.cause)}.`, {
      suggestion: 'Check that the host is up, its name resolves and its certificate is valid.',
      ...details,
      facts: { host, ...details.facts },
    });
  }
}

/** The connection broke after the request went out. */
export class ExchangeBroken extends NetFailure {
  readonly retryable = true;
  readonly outcomeUnknown = true;

  constructor(host: string, details: ErrorDetails = {}) {
    super(`The connection to ${host} broke before the whole answer was there${reasonIn(details.cause)}.`, {
      ...details,
      facts: { host, ...details.facts },
    });
  }
}

/** The time for the whole call (name, connection, answer, redirects) ran out. */
export class NetDeadlineExceeded extends NetFailure {
  readonly retryable = true;
  readonly outcomeUnknown: boolean;

  constructor(host: string, timeoutMs: number, outcomeUnknown: boolean) {
    super(`${host} did not answer in full within ${timeoutMs / 1000} s.`, { facts: { host, timeoutMs } });
    this.outcomeUnknown = outcomeUnknown;
  }
}

/** Who asked for the call gave it up. */
export class RequestAborted extends NetFailure {
  readonly retryable = true;
  readonly outcomeUnknown: boolean;

  constructor(host: string, outcomeUnknown: boolean, details: ErrorDetails = {}) {
    super(`The call to ${host} was given up.`, { ...details, facts: { host } });
    this.outcomeUnknown = outcomeUnknown;
  }
}

/** The answer is larger, after decoding, than its caller can use. */
export class ResponseTooLarge extends NetFailure {
  readonly retryable = false;
  readonly outcomeUnknown = true;

  constructor(host: string, maxBytes: number) {
    super(`${host} answered with more than ${maxBytes} bytes.`, { facts: { host, maxBytes } });
  }
}

/** The answer is encoded in a way nobody asked for, so its size cannot be bounded. */
export class UnknownContentEncoding extends NetFailure {
  readonly retryable = false;
  readonly outcomeUnknown = true;

  constructor(host: string, encoding: string) {
    super(`${host} answered with an unknown content encoding.`, { facts: { host, encoding } });
  }
}

/** ` (ECONNREFUSED)` where the system named a reason; the text of a foreign error is not for operators. */
function reasonIn(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return '';
  return ` (${cause.code})`;
}
