import { type DeploymentRow, rowOf, type StoredRow, saysAll } from '../domain/deployment-row.ts';
import type { Deployment } from '../domain/records.ts';
import type { Status } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { getDeployments } from './deployment-changes.ts';
import { type Item, queryPage } from './engine.ts';
import { deploymentsByOutcome } from './keys.ts';
import { INDEX, SUMMARY } from './tables.ts';

/** Only deploymentItem writes what these indexes hold of deployments. */
export const rowsIn = (items: readonly Item[]) => items.map((item) => item[SUMMARY] as StoredRow);

/** Records that one call reads. */
const MOST_READ = 100;

export interface ReadRows {
  readonly rows: readonly DeploymentRow[];
  readonly records: ReadonlyMap<string, Deployment>;
}

/** The rows of those that are open as they now stand. One whose record is gone is none any more. */
export const readOpen = (ctx: StoreContext, rows: readonly StoredRow[]) =>
  readWhere(ctx, rows, (row) => !saysAll(row));

/** Those that are live too: what else is to say of them is in their records. */
export const readAlive = (ctx: StoreContext, rows: readonly StoredRow[]) =>
  readWhere(ctx, rows, (row) => !saysAll(row) || row.releaseState === 'active');

async function readWhere(
  ctx: StoreContext,
  rows: readonly StoredRow[],
  isWanted: (row: StoredRow) => boolean,
): Promise<ReadRows> {
  const ids = rows.filter(isWanted).map(({ id }) => id);
  const records = new Map<string, Deployment>();
  for (let from = 0; from < ids.length; from += MOST_READ)
    for (const [id, record] of await getDeployments(ctx, ids.slice(from, from + MOST_READ)))
      records.set(id, record);
  const asItStands = (row: StoredRow) => {
    const record = records.get(row.id);
    return record === undefined ? (saysAll(row) ? [row] : []) : [rowOf(record)];
  };
  return { rows: rows.flatMap(asItStands), records };
}

/** The deployments of a project that an index knows in this status, the oldest first. It may lag. */
export async function rowsWithStatus(
  ctx: StoreContext,
  projectId: string,
  status: Status,
): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  const { name, partition } = INDEX.byOutcome;
  const where = {
    expression: '#pk = :pk',
    names: { '#pk': partition },
    values: { ':pk': deploymentsByOutcome(projectId, status) },
  };
  for (let after: Item | undefined; ; ) {
    const page = await queryPage(ctx, { index: name, where, after });
    rows.push(...rowsIn(page.items));
    after = page.next;
    if (after === undefined) return rows;
  }
}
