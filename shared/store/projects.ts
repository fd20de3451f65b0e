import type { ProjectRow } from '../contracts/projects.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Environment, Project, ProjectHealth } from '../domain/records.ts';
import { projectNotFound } from '../errors/not-found.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_EXIST, MUST_NOT_EXIST, revisionIs } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, putItem, queryPage, type Write } from './engine.ts';
import { environmentFrom } from './environment-item.ts';
import { allProjects, byTime, projectKey, projectNameKey } from './keys.ts';
import { INDEX, SUMMARY } from './tables.ts';

/**
 * Raised when the stored shape of a project changes; readers accept this and older ones. 2: requiredVariables, health.
 */
export const PROJECT_SHAPE = 2;

/** The whole item of a project: record, list row and index attributes, so that they never disagree. */
function projectItem(project: Project): Item {
  return {
    ...projectKey(project.id),
    kind: 'project',
    v: PROJECT_SHAPE,
    record: project,
    // Beside the record because conditions look at it.
    revision: project.revision,
    [INDEX.all.partition]: allProjects,
    [INDEX.all.sort]: byTime(project.createdAt, project.id),
    [SUMMARY]: rowOf(project),
  };
}

function rowOf(project: Project): ProjectRow {
  const { id, name, lifecycle, online, currentVersion, deployedAt, deployedBy } = project;
  const { health = 'unknown', createdAt, updatedAt, revision } = project;
  return {
    id,
    name,
    targetKind: project.target.kind,
    ...(project.repository === undefined ? {} : { repositoryUrl: project.repository.url }),
    lifecycle,
    online,
    health,
    ...(currentVersion === undefined ? {} : { currentVersion }),
    ...(deployedAt === undefined ? {} : { deployedAt }),
    ...(deployedBy === undefined ? {} : { deployedBy }),
    createdAt,
    updatedAt,
    revision,
  };
}

/** Only projectItem and the updates below write these items, from a Project. */
const projectFrom = (item: Item): Project => item['record'] as Project;

export async function getProject(ctx: StoreContext, id: string): Promise<Project | undefined> {
  const item = await getItem(ctx, projectKey(id));
  return item === undefined ? undefined : projectFrom(item);
}

/** @throws NotFound PROJECT_NOT_FOUND */
export async function requireProject(ctx: StoreContext, id: string): Promise<Project> {
  const project = await getProject(ctx, id);
  if (project === undefined) throw projectNotFound(id);
  return project;
}

/** The project with this unique name. */
export async function findProject(ctx: StoreContext, name: string): Promise<Project | undefined> {
  const item = await getItem(ctx, projectNameKey(name));
  return item === undefined ? undefined : getProject(ctx, String(item['projectId']));
}

/** The writes that make a project and claim its name; the second one fails where the name is taken. */
export function createProject(project: Project): [Write, Write] {
  return [
    { put: projectItem(project), condition: MUST_NOT_EXIST },
    {
      put: { ...projectNameKey(project.name), kind: 'project-name', v: 1, projectId: project.id },
      condition: MUST_NOT_EXIST,
    },
  ];
}

/** Stores a changed project under the next revision. @throws ConditionFailed where it was changed meanwhile. */
export async function changeProject(
  ctx: StoreContext,
  project: Project,
  changes: Partial<Omit<Project, 'id' | 'name' | 'revision'>>,
): Promise<Project> {
  const next = {
    ...project,
    ...changes,
    updatedAt: isoTime(ctx.clock.now()),
    revision: project.revision + 1,
  };
  await putItem(ctx, projectItem(next), revisionIs(project.revision));
  return next;
}

/** The writes that remove a project and free its name; its environments are removed beside them. */
export function deleteProject(project: Project): [Write, Write] {
  return [
    { deleteKey: projectKey(project.id), condition: revisionIs(project.revision) },
    { deleteKey: projectNameKey(project.name), condition: MUST_EXIST },
  ];
}

/** What a settlement makes known about the project. */
export interface ServedFacts {
  readonly lifecycle: Project['lifecycle'];
  readonly online: boolean;
  readonly health: ProjectHealth;
  readonly currentVersion?: string | undefined;
  readonly deployedAt?: string | undefined;
  readonly deployedBy?: string | undefined;
  readonly deployedConfiguration?: JsonObject | undefined;
}

/** Too large for lists, and of no use there. */
const ONLY_IN_THE_RECORD = 'deployedConfiguration';

/**
 * For the settling transaction: sets what the project serves, whatever people changed meanwhile, so that a
 * settlement never loses against an edit. Facts that are undefined stay as they were.
 */
export function projectServes(projectId: string, facts: ServedFacts, updatedAt: string): Write {
  const given = Object.entries({ ...facts, updatedAt }).filter(([, value]) => value !== undefined);
  const places = (name: string) => (name === ONLY_IN_THE_RECORD ? ['#record'] : ['#record', '#summary']);
  const sets = given.flatMap(([name]) => places(name).map((place) => `${place}.#${name} = :${name}`));
  const raised = ['#record.#revision', '#summary.#revision', '#revision'];
  return {
    key: projectKey(projectId),
    update: {
      ...MUST_EXIST,
      update: `SET ${[...sets, ...raised.map((path) => `${path} = #revision + :one`)].join(', ')}`,
      names: {
        '#record': 'record',
        '#summary': SUMMARY,
        '#revision': 'revision',
        ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
      },
      values: { ':one': 1, ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])) },
    },
  };
}

/** For the transaction that creates a version: takes the number after the one that was read, or fails. */
export function takeVersionNumber(project: Project): Write {
  return {
    key: projectKey(project.id),
    update: {
      expression: '#record.#count = :read',
      update: 'SET #record.#count = :next',
      names: { '#record': 'record', '#count': 'versionCount' },
      values: { ':read': project.versionCount, ':next': project.versionCount + 1 },
    },
  };
}

/** For a transaction that makes something inside a project: the project must still be there. */
export const projectStands = (projectId: string): Write => ({
  checkKey: projectKey(projectId),
  condition: MUST_EXIST,
});

/** A project with all its environments, strongly read in one query (a second where they exceed 1 MB). */
export async function projectWithEnvironments(
  ctx: StoreContext,
  id: string,
): Promise<{ project: Project; environments: readonly Environment[] } | undefined> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await queryPage(ctx, {
      where: { expression: 'pk = :project', values: { ':project': projectKey(id).pk } },
      consistent: true,
      after,
    });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  const project = items.find((item) => item['kind'] === 'project');
  if (project === undefined) return undefined;
  const environments = items.filter((item) => item['kind'] === 'environment').map(environmentFrom);
  return { project: projectFrom(project), environments };
}

/** A row that an older version stored knows nothing of health. Only rowOf and projectServes write them. */
const rowFrom = (item: Item): ProjectRow => {
  const row = item[SUMMARY] as Omit<ProjectRow, 'health'> & Partial<Pick<ProjectRow, 'health'>>;
  return { ...row, health: row.health ?? 'unknown' };
};

export interface ProjectPage {
  readonly items: readonly ProjectRow[];
  readonly next?: Item | undefined;
}

/** All projects by creation: one query, which reads what it returns. */
export async function listProjects(
  ctx: StoreContext,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined },
): Promise<ProjectPage> {
  const page = await queryPage(ctx, {
    index: INDEX.all.name,
    where: { expression: 'g0pk = :projects', values: { ':projects': allProjects } },
    ...options,
  });
  return { items: page.items.map(rowFrom), next: page.next };
}

/** The rows of some projects, newest first or last; those that are gone are left out. */
export async function projectRows(
  ctx: StoreContext,
  ids: readonly string[],
  order: 'asc' | 'desc',
): Promise<ProjectRow[]> {
  const found = await Promise.all(ids.map((id) => getItem(ctx, projectKey(id), { consistent: false })));
  const rows = found.flatMap((item) => (item === undefined ? [] : [rowFrom(item)]));
  const sign = order === 'asc' ? 1 : -1;
  return rows.sort((a, b) => sign * (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1));
}
