import type { ApiEnv } from '../../../shared/contracts/env.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { getItem, type TableName } from '../../../shared/store/engine.ts';

/** Something the service cannot work without. */
export interface Part {
  readonly name: string;
  /** Rejects where the part does not answer as it should; obeys the signal. */
  readonly check: (signal: AbortSignal) => Promise<void>;
}

/** A key that no item has: the answer that it is absent proves that the table answers. */
const NOBODY = { pk: 'HEALTH', sk: 'HEALTH' };

/** Everything `api` needs to take a deployment and see it through. */
export function partsOf(store: StoreContext, env: ApiEnv): readonly Part[] {
  const table = (name: string, which: TableName): Part => ({
    name,
    check: async () => {
      await getItem(store, NOBODY, { table: which, consistent: false });
    },
  });
  return [
    table('records', 'records'),
    table('live', 'live'),
    {
      name: 'artifacts',
      check: async (signal) => (await probes()).probeBucket(env.ARTIFACTS_BUCKET, signal),
    },
    { name: 'secrets', check: async (signal) => (await probes()).probeBucket(env.SECRETS_BUCKET, signal) },
    { name: 'events', check: async (signal) => (await probes()).probeEventBus(env.EVENT_BUS_NAME, signal) },
    {
      name: 'deployMachine',
      check: async (signal) => (await probes()).probeMachine(env.DEPLOY_MACHINE_ARN, signal),
    },
    {
      name: 'rollbackMachine',
      check: async (signal) => (await probes()).probeMachine(env.ROLLBACK_MACHINE_ARN, signal),
    },
  ];
}

const probes = () => import('../../../shared/platform/probes.ts');
