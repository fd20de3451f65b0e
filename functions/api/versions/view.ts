import type { Version } from '../../../shared/domain/records.ts';

/** A version as the API shows it; the artifact's place in the store is nobody's business. */
export function viewOfVersion(version: Version) {
  const { artifact, ...view } = version;
  if (artifact === undefined) return view;
  return { ...view, digest: artifact.digest, size: artifact.size, files: artifact.files };
}
