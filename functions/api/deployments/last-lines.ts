import type { DeploymentRow } from '../../../shared/domain/deployment-row.ts';
import { lineView } from '../../../shared/platform/frames.ts';
import { getDeployment } from '../../../shared/store/deployments.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import { logSource } from '../../reads/log-source.ts';
import type { ApiDeps } from '../deps.ts';

/**
 * A row of a list with the last lines of its log: a query more, or a look into its archive, and its record, which says
 * what of them may be shown.
 */
export async function withLastLines<R extends DeploymentRow>(deps: ApiDeps, row: R, limit: number) {
  const deployment = await getDeployment(deps.store, row.id);
  if (deployment === undefined) return { ...row, logs: [] };
  const source = logSource(deps, deployment);
  const { lines } = await readLines(deps.store, row.id, { place: { tail: true }, limit }, source);
  return { ...row, logs: lines.map(lineView) };
}
