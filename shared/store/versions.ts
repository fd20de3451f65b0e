import type { VersionRow } from '../contracts/versions.ts';
import type { JsonObject, Project, Version, VersionSource } from '../domain/records.ts';
import { versionNotFound } from '../errors/not-found.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_NOT_EXIST, revisionIs } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, putItem, queryPage, type Write } from './engine.ts';
import { byNumber, versionKey, versionsOf } from './keys.ts';
import { requireProject, takeVersionNumber } from './projects.ts';
import { INDEX, SUMMARY } from './tables.ts';

/** Raised when the stored shape of a version changes; readers accept this and older ones. */
export const VERSION_SHAPE = 1;

export function versionItem(version: Version): Item {
  return {
    ...versionKey(version.id),
    kind: 'version',
    v: VERSION_SHAPE,
    record: version,
    // Beside the record because conditions look at it.
    revision: version.revision,
    [INDEX.byProject.partition]: versionsOf(version.projectId),
    [INDEX.byProject.sort]: byNumber(version.number),
    [SUMMARY]: rowOf(version),
  };
}

/** Only versionItem writes these items, from a Version. */
const versionFrom = (item: Item): Version => item['record'] as Version;

function rowOf(version: Version): VersionRow {
  const { id, projectId, number, source, state, commit, artifact, problem } = version;
  const { createdAt, createdBy, updatedAt, revision } = version;
  return {
    id,
    projectId,
    number,
    source,
    state,
    ...(artifact && { digest: artifact.digest, size: artifact.size, files: artifact.files }),
    ...(commit && { commit }),
    ...(problem === undefined ? {} : { problem }),
    createdAt,
    createdBy,
    updatedAt,
    revision,
  };
}

export async function getVersion(ctx: StoreContext, id: string): Promise<Version | undefined> {
  const item = await getItem(ctx, versionKey(id));
  return item === undefined ? undefined : versionFrom(item);
}

/**
 * A version of this project; one of another project does not exist here.
 * @throws NotFound PROJECT_NOT_FOUND or VERSION_NOT_FOUND, whichever is missing.
 */
export async function requireVersion(ctx: StoreContext, projectId: string, id: string): Promise<Version> {
  const version = await getVersion(ctx, id);
  if (version?.projectId === projectId) return version;
  await requireProject(ctx, projectId);
  throw versionNotFound(id);
}

export interface VersionFacts {
  readonly source: VersionSource;
  readonly configuration: JsonObject;
  readonly createdBy: string;
}

/**
 * The project's next version and the writes that make it. They fail where another version took the number
 * meanwhile (or the project is gone): read the project again and make it anew.
 */
export function newVersion(
  ctx: StoreContext,
  project: Project,
  facts: VersionFacts,
): { version: Version; writes: [Write, Write] } {
  const now = ctx.clock.now();
  const at = isoTime(now);
  const version: Version = {
    id: `ver_${ctx.random.ulid(now)}`,
    projectId: project.id,
    number: project.versionCount + 1,
    source: facts.source,
    // A git version needs nothing but its ref, which each deployment's gate pins.
    state: facts.source.type === 'git' ? 'ready' : 'pending',
    configuration: facts.configuration,
    createdAt: at,
    createdBy: facts.createdBy,
    updatedAt: at,
    revision: 1,
  };
  return {
    version,
    writes: [{ put: versionItem(version), condition: MUST_NOT_EXIST }, takeVersionNumber(project)],
  };
}

export type VersionChanges = Partial<Pick<Version, 'state' | 'commit' | 'artifact' | 'problem'>>;

/** Stores a changed version under the next revision. @throws ConditionFailed where it was changed meanwhile. */
export async function changeVersion(
  ctx: StoreContext,
  version: Version,
  changes: VersionChanges,
): Promise<Version> {
  const next = {
    ...version,
    ...changes,
    updatedAt: isoTime(ctx.clock.now()),
    revision: version.revision + 1,
  };
  await putItem(ctx, versionItem(next), revisionIs(version.revision));
  return next;
}

export interface VersionPage {
  readonly items: readonly VersionRow[];
  readonly next?: Item | undefined;
}

/** The versions of a project by number: one query, which reads what it returns. */
export async function listVersions(
  ctx: StoreContext,
  projectId: string,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined },
): Promise<VersionPage> {
  const page = await queryPage(ctx, {
    index: INDEX.byProject.name,
    where: { expression: 'g1pk = :versions', values: { ':versions': versionsOf(projectId) } },
    ...options,
  });
  return { items: page.items.map((item) => item[SUMMARY] as VersionRow), next: page.next };
}
