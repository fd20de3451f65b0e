import { isDeepStrictEqual } from 'node:util';
import { environmentRequest, environmentView } from '../../../shared/contracts/environments.ts';
import { mergePatchBody } from '../../../shared/contracts/json.ts';
import type { Environment } from '../../../shared/domain/records.ts';
import { ValidationFailed } from '../../../shared/errors/requests.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { transact, type Write } from '../../../shared/store/engine.ts';
import { environmentChange, requireEnvironment } from '../../../shared/store/environments.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';
import { wakeWaiting } from '../../../shared/store/wake-waiting.ts';
import { checkIfMatch } from '../../http/entity-tag.ts';
import { parsed } from '../../http/issues.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { patched, refuseChange, untilWritten } from '../patching.ts';
import { dethroned, environmentsOf } from './default.ts';
import { promotionStands } from './promotion.ts';
import { environmentParams } from './read.ts';
import { editablePart, viewOfEnvironment } from './view.ts';

export const patchEnvironment = route({
  method: 'PATCH',
  path: '/v1/projects/{projectId}/environments/{environment}',
  summary:
    'Change an environment by a JSON merge patch (RFC 7396); If-Match refuses where it changed since it was read.',
  auth: { role: 'admin' },
  params: environmentParams,
  body: mergePatchBody,
  answer: { status: 200, schema: environmentView },
  problems: ['PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND', 'INVALID_STATE'],
  handle: ({ params, body, headers, deps }) =>
    untilWritten('the environment', async () => {
      const { projectId, environment: name } = params;
      const environment = await requireEnvironment(deps.store, projectId, name);
      checkIfMatch(headers, environment.revision);
      const { name: wantedName, ...wanted } = parsed(
        environmentRequest,
        patched(editablePart(environment), body),
      );
      refuseChange('/name', name, wantedName, 'addresses are made from it');
      if (environment.isDefault && !wanted.isDefault) throw noDefault();
      const others = await othersToChange(deps.store, environment, wanted);
      const change = environmentChange(deps.store, environment, {
        ...wanted,
        healthCheck: wanted.healthCheck,
        hooks: wanted.hooks,
        approvals: wanted.approvals,
        promoteFrom: wanted.promoteFrom,
        retention: wanted.retention,
      });
      await transact(deps.store, [change.write, ...others]);
      await wakeWaiting(deps.store, { status: 'awaiting-approval', projectId, environment: name });
      const place = await slotWithLine(deps.store, projectId, name);
      return ok(viewOfEnvironment(change.next, place), { revision: change.next.revision });
    }),
});

/** What the change says of other environments: nothing is read where it says nothing. */
async function othersToChange(
  ctx: StoreContext,
  environment: Environment,
  wanted: Pick<Environment, 'isDefault' | 'promoteFrom'>,
): Promise<readonly Write[]> {
  const { projectId, name } = environment;
  const becomesDefault = wanted.isDefault && !environment.isDefault;
  const isOrdered = !isDeepStrictEqual(wanted.promoteFrom, environment.promoteFrom);
  if (!becomesDefault && !isOrdered) return [];
  const environments = await environmentsOf(ctx, projectId);
  const former = dethroned(ctx, becomesDefault ? environments : [], name);
  if (!isOrdered) return former.writes;
  const order = { name, promoteFrom: wanted.promoteFrom };
  return [...former.writes, ...promotionStands(order, environments, former.names)];
}

const noDefault = () =>
  new ValidationFailed(
    [{ field: '/isDefault', message: 'a project needs a default environment', code: 'INVALID_VALUE' }],
    { suggestion: 'Make another environment the default instead.' },
  );
