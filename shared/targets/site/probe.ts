import { PlatformUnavailable } from '../../errors/requests.ts';
import type { Clock } from '../../platform/clock.ts';
import { RELEASE_HEADER } from './site.ts';

/** One look at a page; CloudFront's own deadline for an origin is 30 s, but a page that takes 10 is no answer. */
const PROBE_MS = 10_000;
/** A key takes a few seconds to all edge locations; after this something is wrong. */
const AGREE_MS = 45_000;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2000;

export interface Probe {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/**
 * Looks at the public address until the release that answers is the one the key names.
 * `named` is asked again before each look, because the key may move meanwhile; undefined: nothing is live.
 * Answers what both agree on. Raises PlatformUnavailable where they do not in time.
 */
export async function untilServed(
  probe: Probe,
  url: string,
  named: () => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const end = probe.clock.now() + AGREE_MS;
  let seen: string | undefined;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
    const release = await named();
    if (release === undefined) return undefined;
    seen = await releaseAt(probe, url, signal);
    if (seen === release) return release;
    if (probe.clock.now() + wait > end) {
      throw new PlatformUnavailable(`${url} ${describe(seen)}, the key-value store names ${release}.`, {
        suggestion:
          'See whether the name resolves (a site domain needs a wildcard record to its distribution) and what answers there.',
      });
    }
    await probe.clock.sleep(wait, signal).catch((cause: unknown) => {
      throw outOfTime(url, cause);
    });
  }
}

const outOfTime = (url: string, cause: unknown): PlatformUnavailable =>
  new PlatformUnavailable(`Time ran out while looking at ${url}.`, { cause });

const describe = (seen: string | undefined): string =>
  seen === undefined ? 'does not say which release it serves' : `serves ${seen}`;

/** Which release answers; undefined where none says so or nothing answers. */
async function releaseAt(probe: Probe, url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await probe.fetch(`${url}/`, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
    });
    await answer.body?.cancel();
    return answer.headers.get(RELEASE_HEADER) ?? undefined;
  } catch (error) {
    if (signal.aborted) throw outOfTime(url, error);
    return undefined;
  }
}
