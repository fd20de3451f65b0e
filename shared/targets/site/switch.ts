import { FenceLost } from '../../errors/deployments.ts';
import { InternalError } from '../../errors/requests.ts';
import { type SiteEntry, siteEntry } from './entry.ts';
import type { KeyValues } from './key-values.ts';
import { entryKey, type Site } from './site.ts';

/** The call that changes what a site serves. */
export interface Switch {
  readonly site: Site;
  /** Null: nothing, as before the first deployment. */
  readonly release: string | null;
  /** Whose doing it is: a release may go live again for another deployment than the one that placed it. */
  readonly deployment: string | undefined;
  readonly fence: number;
  readonly signal: AbortSignal;
  readonly assertMayChange: () => Promise<void>;
}

export async function readEntry(
  keys: KeyValues,
  site: Site,
  signal: AbortSignal,
): Promise<SiteEntry | undefined> {
  return parseEntry(await keys.get(entryKey(site), signal), site);
}

/**
 * Makes the site serve a release: one conditional write. The fence stands in the entry, so a switch that comes
 * later from an owner before us is refused, and each write of ours makes any older one on the wire fail.
 * Raises FenceLost, OutcomeUnknown, PlatformUnavailable.
 */
export async function switchTo(keys: KeyValues, change: Switch): Promise<void> {
  const { release, fence, deployment } = change;
  const anothers = release !== null && deployment !== release;
  const next: SiteEntry = { release, fence, ...(anothers ? { deployment } : {}) };
  await keys.change({
    key: entryKey(change.site),
    signal: change.signal,
    mayPut: change.assertMayChange,
    decide(current) {
      const entry = parseEntry(current, change.site);
      assertNotOlder(entry, fence);
      const there =
        entry?.fence === fence &&
        entry.release === release &&
        entry.deployment === next.deployment &&
        entry.weights === undefined;
      return there ? undefined : JSON.stringify(next);
    },
  });
}

/** @throws FenceLost where somebody with a higher fence was there */
export function assertNotOlder(entry: SiteEntry | undefined, fence: number): void {
  if (entry === undefined || entry.fence <= fence) return;
  throw new FenceLost(`A newer owner (fence ${entry.fence}) has switched the site; ours is ${fence}.`);
}

export function parseEntry(value: string | undefined, site: Site): SiteEntry | undefined {
  if (value === undefined) return undefined;
  try {
    return siteEntry.parse(JSON.parse(value));
  } catch (cause) {
    throw new InternalError(`The key ${entryKey(site)} of the key-value store is not an entry of ours.`, {
      cause,
    });
  }
}
