import type { HealthCheck } from '../../shared/domain/records.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import type { GuardedFetch, GuardedResponse } from '../../shared/net/guarded-fetch.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { ProbeAddress } from '../../shared/targets/target.ts';

/** Ten looks in about twenty seconds: a switch takes a few to reach all edge locations. */
export const CHECK_DEFAULTS = { attempts: 10, intervalSeconds: 2, timeoutSeconds: 5 } as const;
/** The largest page that is read; its content does not matter, but its status comes with it. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface ProbeParts {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of each look that did not pass. */
  missed(message: string): void;
}

export type Probed =
  | { readonly passed: true; readonly message: string }
  | { readonly passed: false; readonly message: string };

/**
 * Looks at an address until it answers as it must: the expected status (any 2xx or 3xx where none is set) and
 * the header that proves which release answered.
 */
export async function probe(
  parts: ProbeParts,
  address: ProbeAddress,
  check: HealthCheck = {},
): Promise<Probed> {
  const attempts = check.attempts ?? CHECK_DEFAULTS.attempts;
  const url = urlOf(address.url, check.path);
  const shown = `GET ${url}`;
  let last = '';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const fault = await look(parts, url, address, check);
    if (fault === undefined) return { passed: true, message: `${shown} answered as expected.` };
    last = fault;
    parts.missed(`Check ${attempt} of ${attempts}: ${shown} ${fault}.`);
    if (attempt === attempts) break;
    await parts.clock.sleep((check.intervalSeconds ?? CHECK_DEFAULTS.intervalSeconds) * 1000, parts.signal);
  }
  return { passed: false, message: `${shown} ${last} (${attempts} checks).` };
}

/** Without a path the address is taken as it was given, with a slash at its end or without. */
const urlOf = (base: string, path = '') =>
  path === '' || path === '/' ? base : `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;

/** What is wrong with the answer; undefined where nothing is. */
async function look(
  { fetch, signal }: ProbeParts,
  url: string,
  address: ProbeAddress,
  check: HealthCheck,
): Promise<string | undefined> {
  const wanted = check.expectStatus;
  try {
    const answer = await fetch({
      url,
      headers: address.headers,
      timeoutMs: (check.timeoutSeconds ?? CHECK_DEFAULTS.timeoutSeconds) * 1000,
      maxBytes: MAX_BYTES,
      signal,
      // Who expects a redirect wants to see it, not where it leads.
      ...(wanted !== undefined && wanted >= 300 && wanted < 400 ? { maxRedirects: 0 } : {}),
    });
    return faultOf(answer, address, wanted);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SlipwayError) return `failed: ${error.message.replace(/\.$/, '')}`;
    throw error;
  }
}

function faultOf(
  { status, headers }: GuardedResponse,
  { expectHeader }: ProbeAddress,
  wanted: number | undefined,
): string | undefined {
  const good = wanted === undefined ? status >= 200 && status < 400 : status === wanted;
  if (!good) return `answered ${status}${wanted === undefined ? '' : `, not ${wanted}`}`;
  if (expectHeader === undefined) return undefined;
  const found = headers[expectHeader.name.toLowerCase()];
  if (found === expectHeader.value) return undefined;
  return `was answered by ${found === undefined ? 'something else' : `release ${found}`}, not by this release`;
}
