import type { Artifact } from '../records.ts';
import type { Prerequisites, Result } from './result.ts';

/** An artifact that is to be released as it is, and what the bucket has in its place. */
export interface ArtifactFound {
  readonly artifact: Artifact;
  /** Absent: nothing. */
  readonly stored?: Stored | undefined;
}

export interface Stored {
  readonly size: number;
  /** Hex; absent where the bucket keeps none. */
  readonly sha256?: string | undefined;
}

/** Are these the bytes that were uploaded or built, as far as that can be told without reading them? */
export const isWhole = ({ artifact, stored }: ArtifactFound): boolean =>
  stored?.size === artifact.size && (stored.sha256 === undefined || stored.sha256 === artifact.digest);

/** What is not built anew must be there whole. Its bytes are compared once more when they are released. */
export function artifactWhole({ artifact: found, version }: Prerequisites): Result {
  const name = 'artifact';
  if (found === undefined) return { name, message: 'the artifact is built from the source' };
  const id = found.artifact.digest.slice(0, 12);
  const message = `the artifact ${id} is there, whole`;
  if (isWhole(found)) return { name, message };
  const what =
    found.stored === undefined ? 'is not kept any more' : 'is not what it was: its size or digest is another';
  return {
    name,
    message,
    issue: {
      field: '/versionId',
      code: 'ARTIFACT_GONE',
      message: `the artifact ${id} ${what}`,
      suggestion:
        version.source.type === 'upload'
          ? 'Upload it again as a new version, then deploy that.'
          : `Deploy ${version.source.ref} instead of the version: it is built anew.`,
    },
  };
}
