import { comesBefore, faultOfPromotion } from '../../../shared/domain/promotion-order.ts';
import type { Environment } from '../../../shared/domain/records.ts';
import { ValidationFailed } from '../../../shared/errors/requests.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { environmentUnchanged } from '../../../shared/store/environments.ts';

/** Writes of one transaction (100), less those that change something. */
export const MAX_CHECKS = 90;

type Wanted = Pick<Environment, 'name' | 'promoteFrom'>;

/**
 * The writes that keep the wanted order true until it is stored: what comes before, near or far, is as it was read, so
 * that two changes at once cannot close a circle.
 * @param written names of environments that the same transaction changes, from what was read too
 * @throws ValidationFailed where an environment is not there, is the same one, or the order is a circle
 */
export function promotionStands(
  wanted: Wanted,
  environments: readonly Environment[],
  written: readonly string[] = [],
): Write[] {
  const fault = faultOfPromotion(wanted, environments);
  if (fault !== undefined) {
    const { index, code, message } = fault;
    throw new ValidationFailed([{ field: `/promoteFrom/${index}`, code, message }]);
  }
  return comesBefore(wanted, environments)
    .filter(({ name }) => !written.includes(name))
    .slice(0, MAX_CHECKS)
    .map(environmentUnchanged);
}
