import { contentKeyOf } from '../domain/blocked.ts';
import { holdAt } from '../domain/freezes.ts';
import type { Dependency } from '../domain/prerequisites/dependencies.ts';
import type { Promotion } from '../domain/prerequisites/promotion.ts';
import type { Surroundings } from '../domain/prerequisites.ts';
import type { Artifact, DeploymentSource, Environment, Project } from '../domain/records.ts';
import type { Artifacts } from '../platform/artifacts.ts';
import type { StoreContext } from './context.ts';
import { getEnvironment } from './environments.ts';
import { allFreezesNow } from './freezes.ts';
import { getGood } from './good.ts';
import { projectWithEnvironments } from './projects.ts';
import { getSlot } from './slot.ts';

/** What a check looks at: the records, and what the bucket has. */
export interface CheckDeps {
  readonly store: StoreContext;
  readonly artifacts: () => Promise<Pick<Artifacts, 'stored'>>;
}

export interface CheckPlace {
  readonly project: Project;
  readonly environment: Environment;
  readonly source: DeploymentSource;
  /** What is to be released without a build. */
  readonly artifact: Artifact | undefined;
  /** Moment (ms) at which it would begin. */
  readonly at: number;
  /** Freezes that somebody lifted for it. */
  readonly overridden?: readonly string[];
}

/** Of one dependency so many environments of a type are looked at, its default one first; each is a read. */
const LOOKED_AT = 25;

/** Looks at everything that a start depends on beside its own records, all at once and strongly. */
export async function surroundingsOf(deps: CheckDeps, place: CheckPlace): Promise<Surroundings> {
  const { store } = deps;
  const { project, environment, artifact, at, overridden = [] } = place;
  const where = { projectId: project.id, environmentType: environment.type };
  const [dependencies, promotions, found, hold] = await Promise.all([
    Promise.all(project.dependsOn.map((id) => dependencyOf(store, id, environment.type))),
    Promise.all((environment.promoteFrom ?? []).map((name) => promotionOf(store, place, name))),
    artifact && storedOf(deps, artifact),
    allFreezesNow(store).then((freezes) => holdAt(freezes, where, at, overridden)),
  ]);
  return { dependencies, promotions, artifact: found, hold };
}

async function dependencyOf(store: StoreContext, id: string, type: Environment['type']): Promise<Dependency> {
  const found = await projectWithEnvironments(store, id);
  if (found === undefined) return { id, state: 'gone' };
  const ofType = found.environments
    .filter((environment) => environment.type === type)
    .sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  if (ofType.length === 0) return { id, state: 'no-environment' };
  const slots = await Promise.all(ofType.slice(0, LOOKED_AT).map(({ name }) => getSlot(store, id, name)));
  return { id, state: slots.some(({ active }) => active !== undefined) ? 'live' : 'not-live' };
}

async function promotionOf(
  store: StoreContext,
  { project, source }: CheckPlace,
  environment: string,
): Promise<Promotion> {
  const key = contentKeyOf(source);
  const [there, good] = await Promise.all([
    getEnvironment(store, project.id, environment),
    key === undefined ? undefined : getGood(store, project.id, environment, key),
  ]);
  return { environment, since: there?.createdAt, good };
}

const storedOf = async ({ artifacts }: CheckDeps, artifact: Artifact) => ({
  artifact,
  stored: await (await artifacts()).stored(artifact.key),
});
