import { healthOf } from '../../../shared/domain/deployment-health.ts';
import type { DeploymentRow } from '../../../shared/domain/deployment-row.ts';
import { estimateRemaining } from '../../../shared/domain/estimate.ts';
import { possibleWith } from '../../../shared/domain/possible.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import type { DeploymentPage } from '../../../shared/store/deployment-list.ts';
import type { ApiDeps } from '../deps.ts';

/** Projects of a page whose history is looked at; a list of more of them, all of them deploying, is rare. */
const MOST_HISTORIES = 10;

/**
 * Rows of a list with how each stands now: its step, what can be done with it, its health, how long it will take. Of
 * those that are not over the page brings the records; what is to say about the others follows from their rows. The
 * history of a project is one query in 30 s.
 */
export async function rowsAsOfNow(deps: ApiDeps, { items, records }: DeploymentPage) {
  const remaining = await estimatesFor(deps, [...records.values()]);
  return items.map((row) => {
    const record = records.get(row.id);
    if (record === undefined) return { ...row, ...standOf(asRecord(row)) };
    return { ...row, ...standOf(record), estimatedRemainingSeconds: remaining(record) };
  });
}

const standOf = (deployment: Parameters<typeof possibleWith>[0] & Parameters<typeof healthOf>[0] & Step) => ({
  currentStep: deployment.currentStep,
  ...possibleWith(deployment),
  health: healthOf(deployment),
});
type Step = Pick<Deployment, 'currentStep'>;

/** Of one that is over and not live its row says all that counts. */
const asRecord = (row: DeploymentRow) => ({ ...row, currentStep: 'done', stages: [] });

async function estimatesFor(deps: ApiDeps, records: readonly Deployment[]) {
  const open = records.filter(({ status }) => !isTerminal(status));
  const projects = [...new Set(open.map(({ projectId }) => projectId))].slice(0, MOST_HISTORIES);
  const found = await Promise.all(
    projects.map(async (id) => [id, await deps.known.history(deps.store, id)] as const),
  );
  const histories = new Map(found);
  const now = deps.store.clock.now();
  return (record: Deployment) => estimateRemaining(record, histories.get(record.projectId) ?? [], now);
}
