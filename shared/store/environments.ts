import type { Environment, Slot } from '../domain/records.ts';
import { environmentNotFound } from '../errors/not-found.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_EXIST, MUST_NOT_EXIST, revisionIs } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, putItem, queryPage, type Write } from './engine.ts';
import { environmentFrom, environmentItem } from './environment-item.ts';
import { environmentKey, slotKey } from './keys.ts';
import { requireProject } from './projects.ts';

export type EnvironmentChanges = Partial<Omit<Environment, 'projectId' | 'name' | 'revision'>>;

export async function getEnvironment(
  ctx: StoreContext,
  projectId: string,
  name: string,
): Promise<Environment | undefined> {
  const item = await getItem(ctx, environmentKey(projectId, name));
  return item === undefined ? undefined : environmentFrom(item);
}

/** @throws NotFound PROJECT_NOT_FOUND or ENVIRONMENT_NOT_FOUND, whichever is missing. */
export async function requireEnvironment(
  ctx: StoreContext,
  projectId: string,
  name: string,
): Promise<Environment> {
  const environment = await getEnvironment(ctx, projectId, name);
  if (environment !== undefined) return environment;
  await requireProject(ctx, projectId);
  throw environmentNotFound(name);
}

/** The write that makes an environment; it fails where the name is taken. */
export const createEnvironment = (environment: Environment): Write => ({
  put: environmentItem(environment),
  condition: MUST_NOT_EXIST,
});

/** The environment as it is after a change, and the write for it; the write fails where it was changed meanwhile. */
export function environmentChange(
  ctx: StoreContext,
  environment: Environment,
  changes: EnvironmentChanges,
): { next: Environment; write: Write } {
  const next = {
    ...environment,
    ...changes,
    updatedAt: isoTime(ctx.clock.now()),
    revision: environment.revision + 1,
  };
  return { next, write: { put: environmentItem(next), condition: revisionIs(environment.revision) } };
}

/** @throws ConditionFailed where it was changed meanwhile. */
export async function changeEnvironment(
  ctx: StoreContext,
  environment: Environment,
  changes: EnvironmentChanges,
): Promise<Environment> {
  const { next } = environmentChange(ctx, environment, changes);
  await putItem(ctx, environmentItem(next), revisionIs(environment.revision));
  return next;
}

/** For a transaction that makes something inside an environment: it must still be there. */
export const environmentStands = (projectId: string, name: string): Write => ({
  checkKey: environmentKey(projectId, name),
  condition: MUST_EXIST,
});

/** For a transaction that rests on what an environment says. */
export const environmentUnchanged = ({ projectId, name, revision }: Environment): Write => ({
  checkKey: environmentKey(projectId, name),
  condition: revisionIs(revision),
});

/** Nobody changes it, and nobody joined or left its line since; true as well where nothing was ever deployed to it. */
const SLOT_IS_FREE = 'attribute_not_exists(#owner) AND (attribute_not_exists(pk) OR #line = :line)';
/** And nothing is live in it. */
const SLOT_IS_IDLE = `${SLOT_IS_FREE} AND attribute_not_exists(#active)`;

/**
 * The writes that remove an environment with its slot, in whose line nobody stood as it was read. The second one
 * fails where a deployment holds the slot or a release is live, or somebody has joined the line since, and hands
 * back the slot as it is.
 * @param leaveRelease remove it although a release is live, which then stays online with nobody to change it
 */
export function deleteEnvironment(
  environment: Environment,
  slot: Slot,
  leaveRelease: boolean,
): [Write, Write] {
  const { projectId, name, revision } = environment;
  const names = { '#owner': 'owner', '#line': 'line', ...(leaveRelease ? {} : { '#active': 'active' }) };
  const expression = leaveRelease ? SLOT_IS_FREE : SLOT_IS_IDLE;
  return [
    { deleteKey: environmentKey(projectId, name), condition: revisionIs(revision) },
    {
      deleteKey: slotKey(projectId, name),
      condition: { expression, names, values: { ':line': slot.line } },
    },
  ];
}

export interface EnvironmentPage {
  readonly items: readonly Environment[];
  readonly next?: Item | undefined;
}

/** The environments of a project by name: one query. */
export async function listEnvironments(
  ctx: StoreContext,
  projectId: string,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined },
): Promise<EnvironmentPage> {
  const prefix = environmentKey(projectId, '');
  const page = await queryPage(ctx, {
    where: {
      expression: 'pk = :project AND begins_with(sk, :environments)',
      values: { ':project': prefix.pk, ':environments': prefix.sk },
    },
    ...options,
  });
  return { items: page.items.map(environmentFrom), next: page.next };
}
