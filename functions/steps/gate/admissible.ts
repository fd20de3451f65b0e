import type { Admissible } from '../../../shared/store/succession.ts';
import type { StepsDeps } from '../deps.ts';

/** Who of a line may have the slot when it is free: whoever stands there. */
export const admissible =
  (_deps: StepsDeps): Admissible =>
  () =>
    true;
