import type { DeploymentRow } from '../domain/deployment-row.ts';
import { OPEN_STATUSES, type Status } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { type Item, queryPage } from './engine.ts';
import {
  allDeployments,
  deploymentsByActor,
  deploymentsByEnd,
  deploymentsByOutcome,
  deploymentsByRef,
  deploymentsByStart,
  deploymentsIn,
  deploymentsOf,
} from './keys.ts';
import { INDEX, type IndexShape, SUMMARY } from './tables.ts';

export interface DeploymentFilters {
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  readonly statuses?: readonly Status[] | undefined;
  readonly releaseState?: string | undefined;
  readonly triggeredBy?: string | undefined;
  readonly sourceRef?: string | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  /** ISO: at or after, and before, the moment that the list is sorted by. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** By creation unless given; the others need a project, and list only what has come that far. */
  readonly sortBy?: 'created' | 'started' | 'finished' | undefined;
}

export interface DeploymentPage {
  readonly items: readonly DeploymentRow[];
  /** Where to go on: after the last row that was looked at. */
  readonly next?: Item | undefined;
}

/** Where one filter is answered by its index alone, this many pages are never needed; with several they are the limit. */
const PAGES = 5;
const FILTERED_PAGE = 100;

/** A count looks through this many pages of a megabyte each, some ten thousands of deployments. */
const COUNTED_PAGES = 30;

/** How many deployments a list holds in all; undefined where that are too many to be counted. */
export async function countDeployments(
  ctx: StoreContext,
  filters: DeploymentFilters,
  visible?: (row: DeploymentRow) => boolean,
): Promise<number | undefined> {
  const { index, partition, answered } = indexFor(filters);
  const keep = predicate(filters, answered, visible) ?? (() => true);
  let total = 0;
  let after: Item | undefined;
  for (let page = 1; page <= COUNTED_PAGES; page += 1) {
    const where = range(index, partition, filters);
    const found = await queryPage(ctx, { index: index.name, where, after });
    // Only deploymentItem writes what these indexes hold.
    total += found.items.filter((item) => keep(item[SUMMARY] as DeploymentRow)).length;
    after = found.next;
    if (after === undefined) return total;
  }
  return undefined;
}

/** The latest successful deployments of a project, newest first: one query. */
export async function recentSuccesses(
  ctx: StoreContext,
  projectId: string,
  limit: number,
): Promise<readonly DeploymentRow[]> {
  const partition = deploymentsByOutcome(projectId, 'succeeded');
  const where = range(INDEX.byOutcome, partition, {});
  const { items } = await queryPage(ctx, { index: INDEX.byOutcome.name, where, limit, order: 'desc' });
  // As above.
  return items.map((item) => item[SUMMARY] as DeploymentRow);
}

/** The deployments of a project that have not ended, the oldest first; of very many the newest. A small query a status. */
export async function openDeploymentsOf(
  ctx: StoreContext,
  projectId: string,
  options: { readonly limit: number; readonly visible: (row: DeploymentRow) => boolean },
): Promise<readonly DeploymentRow[]> {
  const lists = await Promise.all(
    OPEN_STATUSES.map((status) =>
      listDeployments(ctx, { projectId, statuses: [status] }, { ...options, order: 'desc' }),
    ),
  );
  const rows = lists.flatMap(({ items }) => items);
  return rows.sort((a, b) => a.createdAt.localeCompare(b.createdAt)).slice(-options.limit);
}

/**
 * Deployments by creation, or by another moment. One filter is one query of its own index, which reads what it returns; of several, the
 * most selective index is read and the others are applied to its rows, at most five pages a request.
 * `visible` leaves out what the caller may not see.
 */
export async function listDeployments(
  ctx: StoreContext,
  filters: DeploymentFilters,
  options: {
    readonly limit: number;
    readonly order: 'asc' | 'desc';
    readonly after?: Item | undefined;
    readonly visible?: ((row: DeploymentRow) => boolean) | undefined;
  },
): Promise<DeploymentPage> {
  const { index, partition, answered } = indexFor(filters);
  const keep = predicate(filters, answered, options.visible);
  const items: DeploymentRow[] = [];
  let after = options.after;
  for (let page = 1; page <= PAGES; page += 1) {
    const found = await queryPage(ctx, {
      index: index.name,
      where: range(index, partition, filters),
      limit: keep === undefined ? options.limit : FILTERED_PAGE,
      order: options.order,
      after,
    });
    for (const item of found.items) {
      // Only deploymentItem writes what these indexes hold.
      const row = item[SUMMARY] as DeploymentRow;
      if (keep !== undefined && !keep(row)) continue;
      items.push(row);
      if (items.length === options.limit) return { items, next: nextAfter(index, item, found) };
    }
    after = found.next;
    if (after === undefined) return { items };
  }
  return { items, next: after };
}

/** The last row of the last page ends the list; any other is where the next page begins. */
function nextAfter(
  index: IndexShape,
  item: Item,
  page: { readonly items: readonly Item[]; readonly next?: Item | undefined },
): Item | undefined {
  if (page.next === undefined && page.items.at(-1) === item) return undefined;
  const names = ['pk', 'sk', index.partition, index.sort];
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

type Answered = 'sourceRef' | 'statuses' | 'triggeredBy' | 'environment' | undefined;

/** The most selective index that the filters allow; all but the first need the project. */
function indexFor(filters: DeploymentFilters): { index: IndexShape; partition: string; answered: Answered } {
  const { projectId, environment, statuses, triggeredBy, sourceRef } = filters;
  if (projectId === undefined) return { index: INDEX.all, partition: allDeployments, answered: undefined };
  if (filters.sortBy === 'started')
    return { index: INDEX.byStart, partition: deploymentsByStart(projectId), answered: undefined };
  if (filters.sortBy === 'finished')
    return { index: INDEX.byEnd, partition: deploymentsByEnd(projectId), answered: undefined };
  if (sourceRef !== undefined) {
    return { index: INDEX.byRef, partition: deploymentsByRef(projectId, sourceRef), answered: 'sourceRef' };
  }
  const [status, ...more] = statuses ?? [];
  if (status !== undefined && more.length === 0) {
    const partition = deploymentsByOutcome(projectId, status);
    return { index: INDEX.byOutcome, partition, answered: 'statuses' };
  }
  if (triggeredBy !== undefined) {
    const partition = deploymentsByActor(projectId, triggeredBy);
    return { index: INDEX.byActor, partition, answered: 'triggeredBy' };
  }
  if (environment !== undefined) {
    const partition = deploymentsIn(projectId, environment);
    return { index: INDEX.byEnvironment, partition, answered: 'environment' };
  }
  return { index: INDEX.byProject, partition: deploymentsOf(projectId), answered: undefined };
}

/** What the index does not answer; undefined where it answers everything. */
function predicate(
  filters: DeploymentFilters,
  answered: Answered,
  visible: ((row: DeploymentRow) => boolean) | undefined,
): ((row: DeploymentRow) => boolean) | undefined {
  const { environment, statuses, releaseState, triggeredBy, sourceRef, stage, type } = filters;
  const tests: ((row: DeploymentRow) => boolean)[] = visible === undefined ? [] : [visible];
  if (environment !== undefined && answered !== 'environment')
    tests.push((row) => row.environment === environment);
  if (statuses !== undefined && answered !== 'statuses') tests.push((row) => statuses.includes(row.status));
  if (triggeredBy !== undefined && answered !== 'triggeredBy') {
    tests.push((row) => row.trigger.actor === triggeredBy);
  }
  if (sourceRef !== undefined && answered !== 'sourceRef') tests.push((row) => row.source.ref === sourceRef);
  if (releaseState !== undefined) tests.push((row) => row.releaseState === releaseState);
  if (stage !== undefined) tests.push((row) => row.stage === stage);
  if (type !== undefined) tests.push((row) => row.type === type);
  return tests.length === 0 ? undefined : (row) => tests.every((test) => test(row));
}

/** Sort keys begin with a time, so a period is part of the query. `~` sorts behind every id. */
function range(index: IndexShape, partition: string, { from, to }: DeploymentFilters) {
  return {
    expression: '#pk = :pk AND #sk BETWEEN :from AND :to',
    names: { '#pk': index.partition, '#sk': index.sort },
    // A key is `<time>#<id>`, so the bare time sorts before every key of that moment: `to` is excluded.
    values: { ':pk': partition, ':from': from ?? '0', ':to': to ?? '~' },
  };
}
