import type { Deployment } from '../../shared/domain/records.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { requireDeployment } from '../../shared/store/deployments.ts';
import { ok } from '../http/reply.ts';
import { findDeployment } from '../reads/deployment.ts';
import { placeOf } from '../reads/place.ts';
import { viewOfDeployment } from '../reads/view.ts';
import { waitedDeployment } from '../reads/waiting-routes.ts';
import { route } from './deps.ts';
import { lookUntil } from './look.ts';

/** A waiting request reads the record this often (ms). */
const LOOK_EVERY_MS = 1000;

export const getWaitedDeployment = route({
  ...waitedDeployment,
  handle: async ({ params: { deploymentId }, query: { wait: seconds, revision }, actor, deps, signal }) => {
    const { store } = deps;
    let found: Deployment | undefined = await findDeployment(store, actor, deploymentId);
    const look = async () => {
      const seen = found ?? (await requireDeployment(store, deploymentId));
      found = undefined;
      return seen;
    };
    const isNew = (seen: Deployment) =>
      revision === undefined ? isTerminal(seen.status) : seen.revision !== revision;
    const patience = { seconds, everyMs: LOOK_EVERY_MS, actor, signal };
    const deployment = await lookUntil(deps, patience, look, isNew);
    const place = await placeOf(store, deployment);
    return ok(viewOfDeployment(deployment, place), { revision: deployment.revision });
  },
});
