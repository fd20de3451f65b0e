import type { Artifact, Commit, Deployment } from '../domain/records.ts';
import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import { changeVersion, getVersion, type VersionChanges } from './versions.ts';

/** Somebody else's change of the version in the same moment is waited out this often. */
const ATTEMPTS = 5;

/**
 * Keeps what a build found out on the version, so that its next deployment needs no build. The first build
 * counts, since a version is immutable. An artifact with an environment's own variables in it stays with its
 * deployment: in another environment it would be wrong.
 */
export async function noteBuilt(
  ctx: StoreContext,
  deployment: Deployment,
  built: { readonly artifact: Artifact; readonly commit: Commit },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const version = await getVersion(ctx, deployment.versionId);
    if (version === undefined) return;
    const changes: VersionChanges = {
      ...(version.commit === undefined ? { commit: built.commit } : {}),
      ...(version.artifact === undefined && version.state === 'ready' && !usesVariables(deployment)
        ? { artifact: built.artifact }
        : {}),
    };
    if (Object.keys(changes).length === 0) return;
    try {
      await changeVersion(ctx, version, changes);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || attempt >= ATTEMPTS) throw error;
    }
  }
}

const usesVariables = ({ snapshot }: Deployment) =>
  Object.values(snapshot.variables).some(({ use }) => use !== 'runtime');
