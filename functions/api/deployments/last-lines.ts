import type { DeploymentRow } from '../../../shared/domain/deployment-row.ts';
import { lineView } from '../../../shared/platform/frames.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import { logSource } from '../../reads/log-source.ts';
import type { ApiDeps } from '../deps.ts';

/** A row of a list with the last lines of its log: one query more, or a look into its archive. */
export async function withLastLines(deps: ApiDeps, row: DeploymentRow, limit: number) {
  const { id, createdAt, finishedAt } = row;
  const source = logSource(deps, { createdAt, isClosed: finishedAt !== undefined });
  const { lines } = await readLines(deps.store, id, { place: { tail: true }, limit }, source);
  return { ...row, logs: lines.map(lineView) };
}
