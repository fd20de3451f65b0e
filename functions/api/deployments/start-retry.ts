import type { Actor } from '../../../shared/domain/access.ts';
import { newDeployment } from '../../../shared/domain/new-deployment.ts';
import { checkPrerequisites } from '../../../shared/domain/prerequisites.ts';
import type { Artifact, Deployment } from '../../../shared/domain/records.ts';
import { obstacleToRetry } from '../../../shared/domain/retry.ts';
import { buildSnapshot } from '../../../shared/domain/snapshot.ts';
import { environmentNotFound, projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict, PrerequisitesNotMet } from '../../../shared/errors/requests.ts';
import type { Artifacts } from '../../../shared/platform/artifacts.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { type Created, type CreationPlan, createFrom } from '../../../shared/store/deployment-creation.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { getProject, projectStands, projectWithEnvironments } from '../../../shared/store/projects.ts';
import { requireVersion } from '../../../shared/store/versions.ts';

export interface RetryDeps {
  readonly store: StoreContext;
  readonly artifacts: () => Promise<Pick<Artifacts, 'stored'>>;
}

export interface Retry {
  readonly actor: Actor;
  readonly parentId: string;
  /** A write for the creating transaction, made from the deployment as it will stand (the kept first answer). */
  readonly alsoWrite: (created: Created) => readonly Write[];
}

/**
 * Tries a deployment that ended without success again, as a new one of the same version: commit, overrides and way
 * of the first attempt, settings as they are now. Its build step finds out whether there is anything to build.
 * @throws Conflict INVALID_STATE where it cannot be tried again, and whatever a start raises
 */
export function startRetry(deps: RetryDeps, retry: Retry): Promise<Created> {
  return createFrom(deps.store, () => planOf(deps, retry));
}

async function planOf(deps: RetryDeps, { actor, parentId, alsoWrite }: Retry): Promise<CreationPlan> {
  const { store } = deps;
  const parent = await requireDeployment(store, parentId);
  const obstacle = obstacleToRetry(parent);
  if (obstacle !== undefined) throw notToRetry(parent, obstacle);
  const found = await projectWithEnvironments(store, parent.projectId);
  if (found === undefined) throw projectNotFound(parent.projectId);
  const { project } = found;
  const environment = found.environments.find(({ name }) => name === parent.environment);
  if (environment === undefined) throw environmentNotFound(parent.environment);
  const version = await requireVersion(store, project.id, parent.versionId);
  await assertWhole(deps, parent, version.artifact);
  const dependencies = await Promise.all(project.dependsOn.map((id) => getProject(store, id)));
  const { source, overrides } = parent;
  return {
    project,
    environment,
    type: 'deploy',
    waitsFor: environment.approvals === undefined ? undefined : 'people',
    withIt: [projectStands(project.id)],
    alsoWrite,
    make: ({ id, createdAt, fence, slot }) => {
      const { validation, issues } = checkPrerequisites({
        project,
        environment,
        version,
        slot,
        dependencies: dependencies.filter((one) => one !== undefined),
        attempt: { source, versionNumber: version.number, trigger: 'retry' },
        strategy: parent.strategy,
        hooks: overrides.hooks,
      });
      if (issues.length > 0)
        throw new PrerequisitesNotMet(issues, { suggestion: 'Mend what is named, then retry.' });
      return {
        ...newDeployment({
          id,
          projectId: project.id,
          environment: environment.name,
          method: parent.method,
          message: parent.message,
          trigger: { kind: 'retry', actor: actor.subject, key: actor.tokenId },
          force: parent.force,
          rollbackOnFailure: parent.rollbackOnFailure,
          snapshot: buildSnapshot(project, version, environment, overrides, false),
          overrides,
          validation,
          createdAt,
          fence,
          version,
          source,
        }),
        strategy: parent.strategy,
        steps: parent.steps,
        parentDeploymentId: parent.id,
        retryCount: parent.retryCount + 1,
      };
    },
  };
}

/** What is to be released without a build must still be the bytes that were built; the release checks them again. */
async function assertWhole(
  { artifacts }: RetryDeps,
  parent: Deployment,
  ofVersion: Artifact | undefined,
): Promise<void> {
  const artifact = ofVersion ?? parent.artifact;
  if (artifact === undefined) return;
  const stored = await (await artifacts()).stored(artifact.key);
  const isWhole =
    stored?.size === artifact.size && (stored.sha256 === undefined || stored.sha256 === artifact.digest);
  if (isWhole) return;
  throw new Conflict('INVALID_STATE', `What ${parent.id} had built is not there as it was any more.`, {
    suggestion: 'Start a new deployment of the same source: it is built anew.',
    facts: { deploymentId: parent.id, digest: artifact.digest },
  });
}

const notToRetry = ({ id, status }: Deployment, obstacle: string) =>
  new Conflict('INVALID_STATE', `Deployment ${id} cannot be retried: ${obstacle}.`, {
    suggestion:
      status === 'succeeded'
        ? 'Start a new deployment with its versionId.'
        : `See where it stands: GET /v1/deployments/${id}/status.`,
    facts: { deploymentId: id, deploymentStatus: status },
  });
