import * as z from 'zod/mini';
import { runnerId } from '../../../shared/contracts/ids.ts';
import { listOf, listQuery } from '../../../shared/contracts/list.ts';
import { runnerView } from '../../../shared/contracts/tokens.ts';
import { runnerNotFound } from '../../../shared/errors/not-found.ts';
import { removeConnectionsOf } from '../../../shared/store/connections.ts';
import { transact } from '../../../shared/store/engine.ts';
import { deleteRunner, getRunner, listRunners } from '../../../shared/store/runners.ts';
import { deleteToken } from '../../../shared/store/tokens.ts';
import { noContent } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { untilWritten } from '../patching.ts';
import { postRunner } from './create.ts';

const getRunners = route({
  method: 'GET',
  path: '/v1/runners',
  summary: 'All runners, newest first, with the time each last asked for work.',
  auth: { role: 'admin' },
  query: z.strictObject(listQuery),
  answer: { status: 200, schema: listOf(runnerView) },
  handle: async ({ query, actor, deps }) => {
    const request: ListRequest = { store: deps.store, actor, list: 'runners', query };
    const { items, next } = await listRunners(deps.store, positionOf(request));
    return pageReply(request, items, next);
  },
});

const deleteRunnerRoute = route({
  method: 'DELETE',
  path: '/v1/runners/{runnerId}',
  summary: 'Remove a runner; its token is refused from now on. Jobs that it holds end by their deadlines.',
  auth: { role: 'admin' },
  params: z.strictObject({ runnerId }),
  answer: { status: 204 },
  problems: ['RUNNER_NOT_FOUND'],
  handle: async ({ params, deps, log }) => {
    await untilWritten('the runner', async () => {
      const runner = await getRunner(deps.store, params.runnerId);
      if (runner === undefined) throw runnerNotFound(params.runnerId);
      // The token first, and whether or not it is there still: no moment in which it outlives its runner.
      await deleteToken(deps.store, runner.tokenId);
      await removeConnectionsOf(deps.store, runner.tokenId);
      await transact(deps.store, [deleteRunner(runner.id)]);
    });
    log.info('Runner deleted', { runnerId: params.runnerId });
    return noContent;
  },
});

export const runnerRoutes = [postRunner, getRunners, deleteRunnerRoute];
