import { type EnvironmentRequest, environmentRequest } from '../../../shared/contracts/environments.ts';
import type { Environment } from '../../../shared/domain/records.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { StoreContext } from '../../../shared/store/context.ts';

type Given = Pick<EnvironmentRequest, 'name' | 'type'> & Partial<EnvironmentRequest>;

/** A new environment with the defaults of its contract for what is not given. */
export function newEnvironment(ctx: StoreContext, projectId: string, given: Given): Environment {
  const at = isoTime(ctx.clock.now());
  return {
    ...environmentRequest.parse(given),
    projectId,
    variables: {},
    createdAt: at,
    updatedAt: at,
    revision: 1,
  };
}
