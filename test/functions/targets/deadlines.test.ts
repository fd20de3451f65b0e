import { expect, test } from 'vitest';
import { CHECK_DEFAULTS } from '../../../functions/targets/probe.ts';
import { openWorld } from './world.ts';

/** The clock of these tests stands still, so what counts is the time that really goes by. */
test.each(['verify', 'activate'] as const)(
  'a %s that takes longer than its environment allows ends itself as a timeout',
  async (stage) => {
    await using world = await openWorld();
    const timeouts = { [`${stage}Seconds`]: 1 };
    const healthCheck = { path: '/slow', attempts: CHECK_DEFAULTS.attempts };
    const deployment = await world.deployment({ snapshot: { timeouts, healthCheck } });
    await world.call('release', deployment);
    world.platform.statuses.set('/slow', 500);
    const { sleep } = world.store.clock;
    // Between two looks a second goes by.
    Object.assign(world.store.clock, {
      sleep: async (ms: number, signal?: AbortSignal) => {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return sleep(ms, signal);
      },
    });
    const ended = await world.call(stage, deployment).catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 'TIMEOUT' });
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'TIMEOUT',
      stage,
      message: `The target took longer than the ${stage} stage may take.`,
    });
  },
);
