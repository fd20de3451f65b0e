import * as z from 'zod/mini';
import { deploymentQuery } from '../../../shared/contracts/deployment-requests.ts';
import { deploymentStatusView } from '../../../shared/contracts/deployment-status.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { ok } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { placeOf } from '../../reads/place.ts';
import { viewOfDeployment, viewOfStatus } from '../../reads/view.ts';
import { toWaiting } from '../../reads/waiting-routes.ts';
import { route } from '../deps.ts';
import { liveOf } from './live.ts';

export const getDeployment = route({
  method: 'GET',
  path: '/v1/deployments/{deploymentId}',
  summary: 'One deployment; with `wait` a redirect to where a change of it is waited for.',
  auth: 'signed-in',
  params: deploymentParams,
  query: deploymentQuery,
  answer: { status: 200, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND'],
  handle: async ({ params: { deploymentId }, query, actor, deps, rawQuery }) => {
    if (query.wait > 0) return toWaiting(`../waiting/deployments/${deploymentId}`, rawQuery);
    const deployment = await findDeployment(deps.store, actor, deploymentId);
    const place = await placeOf(deps.store, deployment);
    return ok(viewOfDeployment(deployment, place), { revision: deployment.revision });
  },
});

export const getDeploymentStatus = route({
  method: 'GET',
  path: '/v1/deployments/{deploymentId}/status',
  summary: 'Where a deployment stands, how it does, how long it will take, and what can be done with it.',
  auth: 'signed-in',
  params: deploymentParams,
  query: z.strictObject({}),
  answer: { status: 200, schema: deploymentStatusView },
  problems: ['DEPLOYMENT_NOT_FOUND'],
  handle: async ({ params, actor, deps }) => {
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    const [place, live] = await Promise.all([placeOf(deps.store, deployment), liveOf(deps, deployment)]);
    const { at, ...view } = viewOfStatus(deployment, isoTime(deps.store.clock.now()), live, place);
    return ok({ ...view, at }, { by: view });
  },
});
