import {
  type DeploymentsQuery,
  deploymentRow,
  deploymentsQuery,
  projectDeploymentsQuery,
} from '../../../shared/contracts/deployment-lists.ts';
import { listOf } from '../../../shared/contracts/list.ts';
import { type Actor, may } from '../../../shared/domain/access.ts';
import type { DeploymentRow } from '../../../shared/domain/deployment-row.ts';
import { STATUSES } from '../../../shared/domain/status.ts';
import { ValidationFailed } from '../../../shared/errors/requests.ts';
import type { Visible } from '../../../shared/store/deployment-filters.ts';
import { countDeployments, listDeployments } from '../../../shared/store/deployment-list.ts';
import { requireRole } from '../../http/auth.ts';
import type { Reply } from '../../http/route.ts';
import { type ApiDeps, route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { projectParams } from '../projects/read.ts';
import { withLastLines } from './last-lines.ts';
import { rowsAsOfNow } from './rows.ts';

/** With `includeLogs`: so many lines of each log, of so many deployments a page. */
const LINES_WITH_ROW = 20;
const MOST_WITH_LOGS = 20;

export const getDeployments = route({
  method: 'GET',
  path: '/v1/deployments',
  summary: 'Deployments that the token may see, newest first.',
  auth: 'signed-in',
  query: deploymentsQuery,
  answer: { status: 200, schema: listOf(deploymentRow) },
  handle: async ({ query, actor, deps }) => {
    if (query.projectId !== undefined) requireRole(actor, 'viewer', { projectId: query.projectId });
    return (await answerList(deps, actor, query)).reply;
  },
});

export const getProjectDeployments = route({
  method: 'GET',
  path: '/v1/projects/{projectId}/deployments',
  summary: 'Deployments of one project, newest first.',
  auth: { role: 'viewer' },
  params: projectParams,
  query: projectDeploymentsQuery,
  answer: { status: 200, schema: listOf(deploymentRow) },
  problems: ['PROJECT_NOT_FOUND'],
  handle: async ({ params: { projectId }, query, actor, deps }) => {
    const list = await answerList(deps, actor, { ...query, projectId });
    // Asked only of an empty list: what a deleted project did stays readable, and a list costs what it returns.
    if (list.items.length === 0) await deps.known.project(deps.store, projectId);
    return list.reply;
  },
});

async function answerList(
  deps: ApiDeps,
  actor: Actor,
  query: DeploymentsQuery,
): Promise<{ readonly items: readonly DeploymentRow[]; readonly reply: Reply }> {
  const { limit: _limit, order: _order, cursor: _cursor, includeLogs, total, ...given } = query;
  const echoed = given.sortBy === 'created' ? { ...given, sortBy: undefined } : given;
  const request: ListRequest = { store: deps.store, actor, list: 'deployments', query, filters: echoed };
  const { status, ...rest } = given;
  const wanted = status?.split(',');
  const statuses = wanted && STATUSES.filter((known) => wanted.includes(known));
  const filters = { ...rest, ...onlyProject(actor, rest.projectId), statuses };
  assertPossible(query, filters.projectId);
  const visible = visibleTo(actor, rest.projectId);
  const page = await listDeployments(deps.store, filters, { ...positionOf(request), visible });
  const { items, next } = page;
  const rows = await rowsAsOfNow(deps, page);
  const shown = includeLogs
    ? await Promise.all(rows.map((row) => withLastLines(deps, row, LINES_WITH_ROW)))
    : rows;
  // Of a first page only: whoever turns pages knows it already, and a count reads all there is.
  const counted = total && query.cursor === undefined;
  const count = counted ? await countDeployments(deps.store, filters, visible) : undefined;
  return { items, reply: pageReply(request, shown, next, count) };
}

function assertPossible(
  { sortBy, includeLogs, limit }: DeploymentsQuery,
  projectId: string | undefined,
): void {
  if (sortBy !== 'created' && projectId === undefined) {
    const message = `a list of all projects is sorted by creation; name a projectId to sort by ${sortBy}`;
    throw new ValidationFailed([{ field: '/sortBy', message, code: 'NEEDS_PROJECT' }]);
  }
  if (includeLogs && limit > MOST_WITH_LOGS) {
    const message = `must be at most ${MOST_WITH_LOGS} with includeLogs: each log is a read of its own`;
    throw new ValidationFailed([{ field: '/limit', message, code: 'TOO_LARGE' }]);
  }
}

/** A token for one project lists that project's own index instead of picking its rows out of all. */
function onlyProject(actor: Actor, asked: string | undefined): { projectId?: string } {
  const [only, ...more] = new Set(actor.grants.map(({ projectId }) => projectId));
  return asked === undefined && only !== undefined && more.length === 0 ? { projectId: only } : {};
}

/** What the token may not see is left out; undefined where it sees everything that is asked for. */
function visibleTo(actor: Actor, projectId: string | undefined): Visible | undefined {
  if (may(actor, 'viewer', projectId === undefined ? {} : { projectId })) return undefined;
  return (row) => may(actor, 'viewer', { projectId: row.projectId, environment: row.environment });
}
