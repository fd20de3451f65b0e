import { type Hold, holdAt } from '../../../shared/domain/freezes.ts';
import type { Deployment, EnvironmentType } from '../../../shared/domain/records.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { allFreezesNow } from '../../../shared/store/freezes.ts';
import { type GateRule, PASS } from './rule.ts';

/** What is due while a freeze lasts stands in line until it ends (rule 12); a rollback is never held. */
export const freeze: GateRule = async (deps, { deployment, environment }) => {
  const hold = await holdOn(deps.store, deployment, environment.type);
  if (hold === undefined) return PASS;
  const { until } = hold;
  const note = `held by a freeze until ${isoTime(until)}: ${hold.freeze.reason}`;
  return { kind: 'wait', status: 'held', note, until };
};

/** The freeze that holds this deployment at this moment. */
export async function holdOn(
  store: StoreContext,
  { type, projectId, freezeOverrides = [] }: Deployment,
  environmentType: EnvironmentType,
): Promise<Hold | undefined> {
  if (type === 'rollback') return undefined;
  const overridden = freezeOverrides.map(({ freezeId }) => freezeId);
  return holdAt(await allFreezesNow(store), { projectId, environmentType }, store.clock.now(), overridden);
}
