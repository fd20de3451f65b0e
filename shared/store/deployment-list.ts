import { type DeploymentRow, saysAll } from '../domain/deployment-row.ts';
import type { Deployment } from '../domain/records.ts';
import { OPEN_STATUSES } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { type DeploymentFilters, planFor, range, type Visible } from './deployment-filters.ts';
import { readAlive, readOpen, rowsIn, rowsWithStatus } from './deployment-rows.ts';
import { type Item, queryPage } from './engine.ts';
import { deploymentKey, deploymentsByOutcome } from './keys.ts';
import { INDEX, type IndexShape } from './tables.ts';

export interface DeploymentPage {
  readonly items: readonly DeploymentRow[];
  /** The records of those items that are open or live, as they were read for them. */
  readonly records: ReadonlyMap<string, Deployment>;
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
  visible?: Visible,
): Promise<number | undefined> {
  const plan = planFor(filters, visible);
  const where = range(plan.index, plan.partition, filters);
  let total = 0;
  let after: Item | undefined;
  for (let page = 1; page <= COUNTED_PAGES; page += 1) {
    const found = await queryPage(ctx, { index: plan.index.name, where, after });
    const rows = rowsIn(found.items).filter(plan.mayKeep);
    const { keep } = plan;
    total += keep === undefined ? rows.length : (await readOpen(ctx, rows)).rows.filter(keep).length;
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
  return rowsIn(items).filter(saysAll);
}

/**
 * The ids of a project's deployments that have not ended, the oldest first; of very many the newest. A small query a
 * status.
 */
export async function openDeploymentsOf(
  ctx: StoreContext,
  projectId: string,
  options: { readonly limit: number; readonly visible: Visible },
): Promise<readonly string[]> {
  const lists = await Promise.all(OPEN_STATUSES.map((status) => rowsWithStatus(ctx, projectId, status)));
  const rows = lists.flat().filter(options.visible);
  // What changes its status between two of the queries stands in both. Ids sort by creation.
  return [...new Set(rows.map(({ id }) => id))].sort().slice(-options.limit);
}

/**
 * Deployments by creation, or by another moment. One filter is one query of its own index, which reads what it returns; of several, the
 * most selective index is read and the others are applied to its rows, at most five pages a request. How those stand that
 * are open or live is read from their records, in one call a page.
 */
export async function listDeployments(
  ctx: StoreContext,
  filters: DeploymentFilters,
  options: {
    readonly limit: number;
    readonly order: 'asc' | 'desc';
    readonly after?: Item | undefined;
    readonly visible?: Visible | undefined;
  },
): Promise<DeploymentPage> {
  const plan = planFor(filters, options.visible);
  const { index, keep = () => true } = plan;
  const items: DeploymentRow[] = [];
  const records = new Map<string, Deployment>();
  let after = options.after;
  for (let page = 1; page <= PAGES; page += 1) {
    const found = await queryPage(ctx, {
      index: index.name,
      where: range(index, plan.partition, filters),
      limit: plan.answersAll ? options.limit : FILTERED_PAGE,
      order: options.order,
      after,
    });
    const read = await readAlive(ctx, rowsIn(found.items).filter(plan.mayKeep));
    for (const row of read.rows.filter(keep)) {
      items.push(row);
      const record = read.records.get(row.id);
      if (record !== undefined) records.set(row.id, record);
      if (items.length === options.limit)
        return { items, records, next: nextAfter(index, itemOf(found.items, row), found) };
    }
    after = found.next;
    if (after === undefined) return { items, records };
  }
  return { items, records, next: after };
}

const itemOf = (items: readonly Item[], { id }: DeploymentRow) =>
  items.find(({ pk }) => pk === deploymentKey(id).pk);

/** The last row of the last page ends the list; any other is where the next page begins. */
function nextAfter(
  index: IndexShape,
  item: Item | undefined,
  page: { readonly items: readonly Item[]; readonly next?: Item | undefined },
): Item | undefined {
  if (item === undefined || (page.next === undefined && page.items.at(-1) === item)) return undefined;
  const names = ['pk', 'sk', index.partition, index.sort];
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}
