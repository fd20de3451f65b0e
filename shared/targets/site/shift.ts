import { FenceLost, StageFailed } from '../../errors/deployments.ts';
import type { SiteEntry } from './entry.ts';
import type { KeyValues } from './key-values.ts';
import { entryKey } from './site.ts';
import { assertNotOlder, parseEntry, type Switch } from './switch.ts';

export interface Shift extends Switch {
  readonly release: string;
  /** Of the visitors, 1-99. */
  readonly percent: number;
}

/**
 * Gives a release to some of the visitors: one conditional write like a switch, which leaves the rest where they
 * are. A share only ever rises, so that a call that comes late moves nobody back.
 */
export async function shiftTo(keys: KeyValues, shift: Shift): Promise<void> {
  const { site, release, deployment, percent, fence } = shift;
  await keys.change({
    key: entryKey(site),
    signal: shift.signal,
    mayPut: shift.assertMayChange,
    decide(current) {
      const entry = parseEntry(current, site);
      assertNotOlder(entry, fence);
      if (entry === undefined || entry.release === null) throw nothingLive(site.environment);
      const share = shareIn(entry, release);
      if (entry.fence === fence && share > percent) {
        throw new FenceLost(`${share} % of the visitors get ${release} already; this call is late.`);
      }
      if (entry.fence === fence && share === percent) return undefined;
      const weight = { release, percent, ...(deployment === release ? {} : { deployment }) };
      const next: SiteEntry = { ...entry, fence, weights: [weight] };
      return JSON.stringify(next);
    },
  });
}

/** Percent of the visitors that get a release. */
function shareIn({ release: base, weights = [] }: SiteEntry, release: string): number {
  if (base === release) return 100;
  return weights.find((weight) => weight.release === release)?.percent ?? 0;
}

const nothingLive = (environment: string) =>
  new StageFailed('RELEASE_FAILED', `${environment} serves nothing that visitors could be shared with.`, {
    suggestion: 'Deploy all at once; the next deployment can take steps.',
  });
