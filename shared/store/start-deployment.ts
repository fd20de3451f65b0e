import type { DeploymentRequest } from '../contracts/deployment-requests.ts';
import type { Actor } from '../domain/access.ts';
import { newDeployment, sourceOf } from '../domain/new-deployment.ts';
import { checkPrerequisites } from '../domain/prerequisites.ts';
import type { DeploymentSource, Environment, OpenDeployment, Project, Version } from '../domain/records.ts';
import { buildSnapshot } from '../domain/snapshot.ts';
import { stepsOf, takesSteps } from '../domain/strategy.ts';
import { triggerOf } from '../domain/trigger.ts';
import { environmentNotFound, projectNotFound } from '../errors/not-found.ts';
import { PrerequisitesNotMet } from '../errors/requests.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { type Created, type CreationPlan, createFrom } from './deployment-creation.ts';
import type { Write } from './engine.ts';
import { type CheckDeps, surroundingsOf } from './prerequisites.ts';
import { projectStands, projectWithEnvironments } from './projects.ts';
import { getSlot } from './slot.ts';
import { newVersion, requireVersion } from './versions.ts';

/** What a schedule adds to a start. */
export interface Planned {
  /** One-off: what is created waits for its moment. Absent: it has come. */
  readonly moment?: OpenDeployment['schedule'];
  /** What does not hold yet does not keep it from being planned; the gate looks at its moment. */
  readonly unchecked?: boolean | undefined;
}

export interface Start {
  readonly actor: Actor;
  readonly body: DeploymentRequest;
  /** Raises where the actor may not deploy there, or may not even see it. */
  readonly mayDeploy: (environment: string) => void;
  /** Absent: somebody asks for it now. */
  readonly planned?: Planned | undefined;
  /** A write for the creating transaction, made from the deployment as it will stand (the kept first answer). */
  readonly alsoWrite: (created: Created) => readonly Write[];
}

/**
 * Creates a deployment that owns its environment's slot or waits for it, in one transaction.
 * @throws Conflict ALREADY_RUNNING with the id that holds the slot, PrerequisitesNotMet, NotFound, RateLimited
 */
export const startDeployment = (deps: CheckDeps, start: Start): Promise<Created> =>
  createFrom(deps.store, () => planOf(deps, start));

/**
 * Would a start be taken, as things stand? Nothing is written.
 * @throws what startDeployment raises before it writes; PrerequisitesNotMet only where it is to be checked
 */
export async function checkStart(deps: CheckDeps, start: Start): Promise<CreationPlan> {
  const { store } = deps;
  const plan = await planOf(deps, start);
  const { project, environment } = plan;
  const slot = await getSlot(store, project.id, environment.name);
  plan.make({ id: 'dep_', createdAt: isoTime(store.clock.now()), fence: 0, slot });
  return plan;
}

async function planOf(deps: CheckDeps, start: Start): Promise<CreationPlan> {
  const { store } = deps;
  const { project, environment } = await placeOf(store, start);
  const { version, writes, source } = await versionFor(store, project, start);
  const { body, actor, planned } = start;
  const { artifact } = version;
  const at = planned?.moment === undefined ? store.clock.now() : Date.parse(planned.moment.at);
  const surroundings = await surroundingsOf(deps, { project, environment, source, artifact, at });
  const kind = planned === undefined ? triggerOf(body.method) : 'schedule';
  const overrides = {
    configuration: body.configOverride,
    parameters: body.parametersOverride,
    ...(body.hooks === undefined ? {} : { hooks: body.hooks }),
  };
  return {
    project,
    environment,
    type: 'deploy',
    waitsFor: waitOf(start, environment),
    withIt: writes.length === 0 ? [projectStands(project.id)] : writes,
    alsoWrite: start.alsoWrite,
    make: ({ id, createdAt, fence, slot }) => {
      const attempt = { source, versionNumber: version.number, trigger: kind } as const;
      const { validation, issues } = checkPrerequisites({
        project,
        environment,
        version,
        slot,
        ...surroundings,
        attempt,
        strategy: body.strategy,
        hooks: body.hooks,
        force: body.force,
      });
      if (issues.length > 0 && planned?.unchecked !== true)
        throw new PrerequisitesNotMet(issues, validation.warnings);
      return newDeployment({
        id,
        projectId: project.id,
        environment: environment.name,
        method: body.method,
        message: body.message,
        schedule: planned?.moment,
        trigger: { kind, actor: actor.subject, key: actor.tokenId },
        force: body.force,
        rollbackOnFailure: body.rollbackOnFailure ?? environment.rollbackOnFailure,
        snapshot: buildSnapshot(project, version, environment, overrides, false),
        overrides,
        strategy: body.strategy,
        steps: takesSteps(body.strategy) ? stepsOf(body.strategy, body.steps) : undefined,
        validation,
        createdAt,
        fence,
        version,
        source,
      });
    },
  };
}

function waitOf({ planned }: Start, { approvals }: Environment): CreationPlan['waitsFor'] {
  if (planned?.moment !== undefined) return 'time';
  return approvals === undefined ? undefined : 'people';
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
