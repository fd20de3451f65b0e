import { Conflict } from '../../errors/requests.ts';
import type { SitesBucket } from './bucket.ts';
import { fileListKey, manifestKey, RELEASE_ID, releasePrefix } from './site.ts';

/**
 * Removes a release that is not live. Its hashed assets in the shared prefix stay: an open page may ask for
 * them, and other releases may name them too. The manifest goes first, so that a release without one is known
 * to be on its way out. Safe to repeat.
 */
export async function cleanupRelease(
  bucket: SitesBucket,
  release: string,
  live: readonly (string | null | undefined)[],
  signal: AbortSignal,
): Promise<void> {
  if (!RELEASE_ID.test(release))
    throw new Conflict('INVALID_STATE', `${release} is not the id of a release.`);
  if (live.includes(release))
    throw new Conflict('INVALID_STATE', `Release ${release} is live; it is not removed.`);
  await bucket.remove([manifestKey(release), fileListKey(release)], signal);
  const objects = await bucket.list(releasePrefix(release), signal);
  await bucket.remove([...objects.keys()], signal);
}
