import type { Actor } from '../../../shared/domain/access.ts';
import { newDeployment } from '../../../shared/domain/new-deployment.ts';
import { checkPrerequisites } from '../../../shared/domain/prerequisites.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { builtBefore, obstacleToRetry } from '../../../shared/domain/retry.ts';
import { buildSnapshot } from '../../../shared/domain/snapshot.ts';
import { environmentNotFound, projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict, PrerequisitesNotMet } from '../../../shared/errors/requests.ts';
import { type Created, type CreationPlan, createFrom } from '../../../shared/store/deployment-creation.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { type CheckDeps, surroundingsOf } from '../../../shared/store/prerequisites.ts';
import { projectStands, projectWithEnvironments } from '../../../shared/store/projects.ts';
import { requireVersion } from '../../../shared/store/versions.ts';

export interface Retry {
  readonly actor: Actor;
  readonly parentId: string;
  /** Absent: as the deployment that is tried again was started. */
  readonly force?: boolean | undefined;
  /** A write for the creating transaction, made from the deployment as it will stand (the kept first answer). */
  readonly alsoWrite: (created: Created) => readonly Write[];
}

/**
 * Tries a deployment that ended without success again, as a new one of the same version: commit, overrides and way
 * of the first attempt, settings as they are now. Its build step finds out whether there is anything to build.
 * @throws Conflict INVALID_STATE where it cannot be tried again, and whatever a start raises
 */
export function startRetry(deps: CheckDeps, retry: Retry): Promise<Created> {
  return createFrom(deps.store, () => planOf(deps, retry));
}

async function planOf(
  deps: CheckDeps,
  { actor, parentId, force: forced, alsoWrite }: Retry,
): Promise<CreationPlan> {
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
  const { source, overrides } = parent;
  const snapshot = buildSnapshot(project, version, environment, overrides, false);
  const surroundings = await surroundingsOf(deps, {
    project,
    environment,
    source,
    artifact: version.artifact ?? builtBefore(parent, { source, snapshot }),
    at: store.clock.now(),
  });
  const force = forced ?? parent.force;
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
        ...surroundings,
        attempt: { source, versionNumber: version.number, trigger: 'retry' },
        strategy: parent.strategy,
        hooks: overrides.hooks,
        force,
      });
      if (issues.length > 0) throw new PrerequisitesNotMet(issues, validation.warnings);
      return {
        ...newDeployment({
          id,
          projectId: project.id,
          environment: environment.name,
          method: parent.method,
          message: parent.message,
          trigger: { kind: 'retry', actor: actor.subject, key: actor.tokenId },
          force,
          rollbackOnFailure: parent.rollbackOnFailure,
          snapshot,
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

const notToRetry = ({ id, status }: Deployment, obstacle: string) =>
  new Conflict('INVALID_STATE', `Deployment ${id} cannot be retried: ${obstacle}.`, {
    suggestion:
      status === 'succeeded'
        ? 'Start a new deployment with its versionId.'
        : `See where it stands: GET /v1/deployments/${id}/status.`,
    facts: { deploymentId: id, deploymentStatus: status },
  });
