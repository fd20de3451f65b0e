import { isDeepStrictEqual } from 'node:util';
import type { Artifact, Deployment, Snapshot } from './records.ts';
import { isTerminal } from './status.ts';

/** Why a deployment cannot be tried again as a new one; undefined where it can. */
export function obstacleToRetry({
  status,
  type,
  environment,
}: Pick<Deployment, 'status' | 'type' | 'environment'>): string | undefined {
  if (!isTerminal(status)) return 'the deployment has not ended';
  if (status === 'succeeded') return 'it succeeded: start a new deployment of its version';
  return type === 'rollback'
    ? `it is a rollback: ask for one again from what ${environment} serves`
    : undefined;
}

/**
 * What the deployment that is tried again has built, where the same build would make the same: same commit, same
 * build settings, same revisions of the variables that builds see. Then only what follows the build is done again.
 */
export function builtBefore(
  parent: Deployment,
  retry: Pick<Deployment, 'source' | 'snapshot'>,
): Artifact | undefined {
  const commit = parent.source.commit?.sha;
  const same =
    commit !== undefined &&
    commit === retry.source.commit?.sha &&
    isDeepStrictEqual(parent.snapshot.build, retry.snapshot.build) &&
    isDeepStrictEqual(seenByBuilds(parent.snapshot), seenByBuilds(retry.snapshot));
  return same ? parent.artifact : undefined;
}

const seenByBuilds = ({ variables }: Snapshot) =>
  Object.entries(variables)
    .filter(([, { use }]) => use !== 'runtime')
    .map(([name, { revision }]) => `${name}#${revision}`)
    .sort();
