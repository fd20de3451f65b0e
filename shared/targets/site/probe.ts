import { PlatformUnavailable } from '../../errors/requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SiteEntry } from './entry.ts';
import { RELEASE_HEADER } from './site.ts';
import { VISITOR_PLACES, visitorCookie } from './visitor.ts';

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
 * Looks at the public address until visitors get what the entry says, those of each share.
 * `read` is asked again before each look, because the entry may change meanwhile; undefined: nothing is live.
 * Answers the entry that both agree on. Raises PlatformUnavailable where they do not in time.
 */
export async function untilServed(
  probe: Probe,
  url: string,
  read: () => Promise<SiteEntry | undefined>,
  signal: AbortSignal,
): Promise<SiteEntry | undefined> {
  const end = probe.clock.now() + AGREE_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
    const entry = await read();
    if (entry === undefined || entry.release === null) return undefined;
    const other = await anotherAt(probe, url, entry, signal);
    if (other === undefined) return entry;
    if (probe.clock.now() + wait > end) {
      const { seen, release } = other;
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

/** One visitor of each share, and the release that is theirs. */
function visitorsOf({ release, weights = [] }: SiteEntry): { release: string | null; cookie?: string }[] {
  const [first] = weights;
  if (first === undefined) return [{ release }];
  return [
    { release: first.release, cookie: visitorCookie(first.release, 0) },
    { release, cookie: visitorCookie(first.release, VISITOR_PLACES - 1) },
  ];
}

/** What answers instead of what the entry says; undefined where both agree. */
async function anotherAt(
  probe: Probe,
  url: string,
  entry: SiteEntry,
  signal: AbortSignal,
): Promise<{ readonly seen: string | undefined; readonly release: string | null } | undefined> {
  for (const { release, cookie } of visitorsOf(entry)) {
    const seen = await releaseAt(probe, url, cookie, signal);
    if (seen !== release) return { seen, release };
  }
  return undefined;
}

/** Which release answers; undefined where none says so or nothing answers. */
async function releaseAt(
  probe: Probe,
  url: string,
  cookie: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await probe.fetch(`${url}/`, {
      redirect: 'manual',
      ...(cookie === undefined ? {} : { headers: { cookie } }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
    });
    await answer.body?.cancel();
    return answer.headers.get(RELEASE_HEADER) ?? undefined;
  } catch (error) {
    if (signal.aborted) throw outOfTime(url, error);
    return undefined;
  }
}
