import { getEnvironment } from '../../../shared/store/environments.ts';
import type { Admissible } from '../../../shared/store/succession.ts';
import type { StepsDeps } from '../deps.ts';
import { holdOn } from './freeze.ts';

/** Who of a line may have the slot when it is free: whoever no freeze holds. */
export const admissible =
  ({ store }: StepsDeps): Admissible =>
  async (waiting) => {
    const environment = await getEnvironment(store, waiting.projectId, waiting.environment);
    // Where it is gone, the gate has to find that out and end the deployment.
    return environment === undefined || (await holdOn(store, waiting, environment.type)) === undefined;
  };
