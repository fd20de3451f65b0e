import type { DeploymentRequest } from '../../../shared/contracts/deployments.ts';
import type { Actor } from '../../../shared/domain/access.ts';
import { newDeployment, sourceOf } from '../../../shared/domain/new-deployment.ts';
import { checkPrerequisites } from '../../../shared/domain/prerequisites.ts';
import type {
  Deployment,
  DeploymentSource,
  Environment,
  Project,
  Version,
} from '../../../shared/domain/records.ts';
import { buildSnapshot } from '../../../shared/domain/snapshot.ts';
import { environmentNotFound, projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict, PlatformUnavailable, PrerequisitesNotMet } from '../../../shared/errors/requests.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { createDeployment } from '../../../shared/store/deployment-creation.ts';
import { getSlot } from '../../../shared/store/deployments.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { environmentStands } from '../../../shared/store/environments.ts';
import { getProject, projectStands, projectWithEnvironments } from '../../../shared/store/projects.ts';
import { takenBy } from '../../../shared/store/slot.ts';
import { newVersion, requireVersion } from '../../../shared/store/versions.ts';

/** Two starts in different environments of a project may take each other's version number, so it is tried again. */
const ATTEMPTS = 10;

export interface Start {
  readonly actor: Actor;
  readonly body: DeploymentRequest;
  /** Raises where the actor may not deploy there, or may not even see it. */
  readonly mayDeploy: (environment: string) => void;
  /** A write for the creating transaction, made from the deployment as it will stand (the kept first answer). */
  readonly alsoWrite: (deployment: Deployment) => readonly Write[];
}

/**
 * Creates a deployment that owns its environment's slot, in one transaction.
 * @throws Conflict ALREADY_RUNNING with the id that holds the slot, PrerequisitesNotMet, NotFound
 */
export async function startDeployment(ctx: StoreContext, start: Start): Promise<Deployment> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { project, environment } = await placeOf(ctx, start);
    const slot = await getSlot(ctx, project.id, environment.name);
    if (slot.owner !== undefined) throw alreadyRunning(slot.owner, environment.name);
    const { version, writes, source } = await versionFor(ctx, project, start);
    const dependencies = await Promise.all(project.dependsOn.map((id) => getProject(ctx, id)));
    const { validation, issues } = checkPrerequisites({
      project,
      environment,
      version,
      slot,
      dependencies: dependencies.filter((one) => one !== undefined),
      attempt: { source, versionNumber: version.number, trigger: 'api' },
    });
    if (issues.length > 0)
      throw new PrerequisitesNotMet(issues, { suggestion: 'Mend what is named, then start again.' });
    const now = ctx.clock.now();
    const id = `dep_${ctx.random.ulid(now)}`;
    const createdAt = isoTime(now);
    const taken = takenBy(slot, id, createdAt, 'deployment');
    const { body, actor } = start;
    const overrides = { configuration: body.configOverride, parameters: body.parametersOverride };
    const deployment = newDeployment({
      id,
      projectId: project.id,
      environment: environment.name,
      method: body.method,
      message: body.message,
      trigger: { kind: 'api', actor: actor.subject, key: actor.tokenId },
      force: body.force,
      rollbackOnFailure: body.rollbackOnFailure ?? environment.rollbackOnFailure,
      snapshot: buildSnapshot(project, version, environment, overrides, false),
      overrides,
      validation,
      createdAt,
      fence: taken.fence,
      version,
      source,
    });
    const standing = [environmentStands(project.id, environment.name)];
    if (writes.length === 0) standing.push(projectStands(project.id));
    try {
      await createDeployment(ctx, { deployment, free: slot, taken }, [
        ...writes,
        ...standing,
        ...start.alsoWrite(deployment),
      ]);
      return deployment;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new PlatformUnavailable(`Too many deployments of ${start.body.projectId} are being started at once.`);
}

/** The project and the environment that is meant: the one named, else the project's default. */
async function placeOf(
  ctx: StoreContext,
  { body, mayDeploy }: Start,
): Promise<{ project: Project; environment: Environment }> {
  const found = await projectWithEnvironments(ctx, body.projectId);
  if (found === undefined) throw projectNotFound(body.projectId);
  const { project, environments } = found;
  const named = ({ name, isDefault }: Environment) =>
    body.environment === undefined ? isDefault : name === body.environment;
  const environment = environments.find(named);
  mayDeploy(environment?.name ?? body.environment ?? '');
  if (environment === undefined) throw environmentNotFound(body.environment ?? 'default');
  return { project, environment };
}

/** The version that the request names, or a new one for the git source that it names. */
async function versionFor(
  ctx: StoreContext,
  project: Project,
  { body, actor }: Start,
): Promise<{ version: Version; writes: readonly Write[]; source: DeploymentSource }> {
  if (body.versionId !== undefined) {
    const version = await requireVersion(ctx, project.id, body.versionId);
    return { version, writes: [], source: sourceOf(version) };
  }
  const source = body.source ?? { type: 'branch', ref: project.repository?.defaultBranch ?? 'main' };
  const made = newVersion(ctx, project, {
    source: { type: 'git', ref: source.ref },
    configuration: {},
    createdBy: actor.subject,
  });
  return { ...made, source };
}

const alreadyRunning = (owner: string, environment: string) =>
  new Conflict('ALREADY_RUNNING', `Deployment ${owner} is changing the environment ${environment}.`, {
    suggestion: `Wait for the end of ${owner}, then start again.`,
    retryable: true,
    facts: { deploymentId: owner, environment },
  });
