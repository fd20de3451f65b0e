import { describe, expect, test } from 'vitest';
import { perform } from '../../../functions/targets/operations.ts';
import { FenceLost, OutcomeUnknown, StageFailed } from '../../../shared/errors/deployments.ts';
import { HostUnreachable } from '../../../shared/errors/net.ts';
import { assertCallMayChange, beginCall, changeWith } from '../../../shared/store/deployments.ts';
import { openWorld, type World } from './world.ts';

/** A released deployment, ready to be activated, while another one is live. */
async function released(world: World, facts: Parameters<World['deployment']>[0] = {}) {
  const deployment = await world.deployment(facts);
  await world.call('release', deployment);
  return deployment;
}

describe('activation', () => {
  test('switches, reads back, checks, and leaves no intent behind', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    await world.call('activate', deployment);
    expect(world.platform.live).toBe(deployment.id);
    const record = await world.record(deployment);
    expect(record).toMatchObject({
      activating: true,
      calls: {},
      url: `http://${world.platform.server.host}`,
    });
    expect(record.stages.find(({ name }) => name === 'activate')).toMatchObject({ status: 'succeeded' });
    expect(record.progress).toBe(95);
    expect(record.failure).toBeUndefined();
  });

  test('its intent stands on the record while the call is on the wire, and is past soon after it', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    let during: Readonly<Record<string, number>> = {};
    world.platform.fault.activate = {
      when: 'before',
      run: async () => {
        during = (await world.record(deployment)).calls;
      },
    };
    await world.call('activate', deployment);
    const [until] = Object.values(during);
    expect(Object.keys(during)).toHaveLength(1);
    expect(until).toBeGreaterThan(world.store.clock.now());
    expect(until).toBeLessThanOrEqual(world.store.clock.now() + 150_000);
  });

  test('a repeat of a finished activation changes nothing', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    await world.call('activate', deployment);
    const before = await world.record(deployment);
    const calls = world.platform.calls.length;
    await world.call('activate', deployment, { enteredAt: before.entered['activate'] });
    expect(world.platform.calls).toHaveLength(calls);
    expect(await world.record(deployment)).toEqual(before);
  });
});

describe('calls without an answer', () => {
  test('a timeout after the effect is read back and counts as done', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.fault.activate = {
      when: 'after',
      run: () => {
        throw new OutcomeUnknown('The platform gave no answer.');
      },
    };
    await world.call('activate', deployment);
    const record = await world.record(deployment);
    expect(record.calls).toEqual({});
    expect(record.failure).toBeUndefined();
    expect(record.stages.find(({ name }) => name === 'activate')?.status).toBe('succeeded');
  });

  test('a timeout before the effect fails the stage and leaves the intent for settlement to wait out', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.fault.activate = {
      when: 'before',
      run: () => {
        throw new OutcomeUnknown('The platform gave no answer.');
      },
    };
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    const record = await world.record(deployment);
    expect(Object.keys(record.calls)).toHaveLength(1);
    expect(record.failure).toMatchObject({ code: 'PLATFORM_UNAVAILABLE', stage: 'activate' });
  });

  test('a platform that nothing was sent to is asked again under an intent of its own', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    const intents: string[][] = [];
    world.platform.fault.activate = {
      when: 'before',
      run: async () => {
        intents.push(Object.keys((await world.record(deployment)).calls));
        if (intents.length === 1) throw new HostUnreachable('platform.test');
      },
    };
    expect(await world.call('activate', deployment)).toMatchObject({ ok: true });
    expect(intents.map((each) => each.length)).toEqual([1, 1]);
    expect(intents[0]).not.toEqual(intents[1]);
    const record = await world.record(deployment);
    expect(record).toMatchObject({ calls: {} });
    expect(record.stages.find(({ name }) => name === 'activate')).toMatchObject({
      status: 'succeeded',
      attempts: 2,
    });
  });

  test('an error that nobody expected is an unknown outcome too', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.fault.activate = {
      when: 'before',
      run: () => {
        throw new TypeError('secret details');
      },
    };
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    const record = await world.record(deployment);
    expect(Object.keys(record.calls)).toHaveLength(1);
    expect(record.failure).toMatchObject({ code: 'INTERNAL', stage: 'activate' });
    expect(JSON.stringify(record)).not.toContain('secret details');
  });

  test('a known failure takes its intent along', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.fault.activate = {
      when: 'before',
      run: () => {
        throw new StageFailed('RATE_LIMIT_EXCEEDED', 'The platform takes no more calls today.');
      },
    };
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    const record = await world.record(deployment);
    expect(record.calls).toEqual({});
    expect(record.failure).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', stage: 'activate' });
  });

  test('a crash between intent and call leaves the intent, and the next try goes through beside it', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    const until = world.store.clock.now() + 75_000;
    await beginCall(world.store, deployment.id, deployment.fence, 'activate-crashed', until, {
      activates: true,
    });
    await world.call('activate', deployment);
    expect((await world.record(deployment)).calls).toEqual({ 'activate-crashed': until });
  });
});

describe('what bars a change', () => {
  test.each([
    ['settlement began', { settling: { at: '2025-01-15T12:00:00.000Z', by: 'sweep' } }],
    ['cancellation was asked for', { cancelRequested: { at: '2025-01-15T12:00:00.000Z', by: 'ada' } }],
  ])('nothing is sent once %s', async (_what, ending) => {
    await using world = await openWorld();
    const deployment = await released(world);
    await changeWith(world.store, deployment.id, () => ending);
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    expect(world.platform.calls).not.toContain('activate');
    const record = await world.record(deployment);
    expect(record.calls).toEqual({});
    expect(record.failure).toBeUndefined();
  });

  test.each([
    ['settlement that begins', { settling: { at: '2025-01-15T12:00:00.000Z', by: 'sweep' } }],
    ['a cancel that comes', { cancelRequested: { at: '2025-01-15T12:00:00.000Z', by: 'ada' } }],
  ])(
    '%s while the call is prepared stops it at the last moment, and is the reason it ends',
    async (_what, ending) => {
      await using world = await openWorld();
      const deployment = await released(world);
      world.platform.fault.activate = {
        when: 'before',
        run: async () => {
          await changeWith(world.store, deployment.id, () => ending);
        },
      };
      expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
      expect(world.platform.live).toBeUndefined();
      const record = await world.record(deployment);
      expect(record.calls).toEqual({});
      expect(record.failure).toBeUndefined();
    },
  );

  test('a target that a newer owner has switched refuses, and the deployment says so', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.fence = 9;
    world.platform.live = 'dep_of_the_newer_owner';
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    expect(world.platform.live).toBe('dep_of_the_newer_owner');
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'RELEASE_FAILED',
      stage: 'activate',
    });
  });

  test('an intent that is past permits nothing', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    const now = world.store.clock.now();
    await beginCall(world.store, deployment.id, deployment.fence, 'slow', now + 1000, { activates: true });
    await assertCallMayChange(world.store, deployment.id, deployment.fence, 'slow');
    world.store.clock.advance(1000);
    const late = assertCallMayChange(world.store, deployment.id, deployment.fence, 'slow');
    await expect(late).rejects.toThrow(FenceLost);
  });

  test('a read may not change anything', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    await world.call('serving', deployment);
    const ctx = world.platform.contexts.at(-1);
    await expect(ctx?.assertMayChange()).rejects.toThrow(FenceLost);
  });
});

describe('live checks', () => {
  test('a page that answers wrongly fails the stage after all its attempts', async () => {
    await using world = await openWorld();
    const deployment = await released(world, {
      snapshot: { healthCheck: { path: '/up', expectStatus: 204, attempts: 3, intervalSeconds: 1 } },
    });
    world.platform.statuses.set('/up', 500);
    const before = world.store.clock.now();
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    const record = await world.record(deployment);
    expect(record.failure).toMatchObject({
      code: 'LIVE_CHECK_FAILED',
      stage: 'activate',
      message: expect.stringContaining('answered 500, not 204 (3 checks)') as unknown,
    });
    expect(record.calls).toEqual({});
    expect(world.store.clock.now() - before).toBe(2000);
    expect((await world.messages(deployment)).join('\n')).toContain('Check 3 of 3');
  });

  test('a page that comes up between two attempts passes', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.statuses.set('/', 503);
    const { sleep } = world.store.clock;
    world.store.clock.sleep = async (ms, signal) => {
      world.platform.statuses.delete('/');
      await sleep(ms, signal);
    };
    await world.call('activate', deployment);
    expect((await world.record(deployment)).failure).toBeUndefined();
  });

  test('a switch that somebody undid is no success', async () => {
    await using world = await openWorld();
    const deployment = await released(world);
    world.platform.fault.activate = {
      when: 'after',
      run: () => {
        world.platform.live = 'dep_by_hand';
      },
    };
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'RELEASE_FAILED',
      message: 'After the switch production serves dep_by_hand.',
    });
  });

  test('an address of its own is checked instead, and private ones only where the operator allows them', async () => {
    await using world = await openWorld();
    const url = 'http://127.0.0.1:9/';
    const deployment = await released(world, { snapshot: { healthCheck: { url, attempts: 1 } } });
    expect(await world.call('activate', deployment)).toMatchObject({ ok: false });
    expect((await world.record(deployment)).failure).toMatchObject({ code: 'LIVE_CHECK_FAILED' });
  });
});

describe('the switch back', () => {
  const failedAfterSwitch = async (world: World) => {
    const previous = await released(world);
    await world.call('activate', previous);
    const next = await released(world, { fence: 2, previousDeploymentId: previous.id });
    await world.call('activate', next);
    expect(world.platform.live).toBe(next.id);
    return { previous, next };
  };
  const settling = { settling: { at: '2025-01-15T12:00:00.000Z', by: 'machine' } };

  test('goes to what was served before, under the settlement’s own intent', async () => {
    await using world = await openWorld();
    const { previous, next } = await failedAfterSwitch(world);
    const restore = { 'restore-1': world.store.clock.now() + 60_000 };
    await changeWith(world.store, next.id, () => ({ ...settling, calls: restore }));
    expect(await world.call('restore', next)).toEqual({ restored: true });
    expect(world.platform.live).toBe(previous.id);
    expect(await world.call('serving', next)).toMatchObject({ known: true, deploymentId: previous.id });
  });

  test('does not take «not on record» for «nothing was live»', async () => {
    await using world = await openWorld();
    const { previous, next } = await failedAfterSwitch(world);
    await changeWith(world.store, previous.id, () => ({ releaseId: undefined }));
    const calls = { 'restore-1': world.store.clock.now() + 60_000 };
    await changeWith(world.store, next.id, () => ({ ...settling, calls }));
    expect(await world.call('restore', next)).toMatchObject({ restored: false });
    expect(world.platform.live).toBe(next.id);
  });

  test('is given up before its intent is past, however late it began', async () => {
    await using world = await openWorld();
    const { next } = await failedAfterSwitch(world);
    const calls = { 'restore-1': world.store.clock.now() + 1000 };
    await changeWith(world.store, next.id, () => ({ ...settling, calls }));
    let signal: AbortSignal | undefined;
    const { restore } = world.platform.target;
    const target = {
      ...world.platform.target,
      restore: (ctx: Parameters<typeof restore>[0]) => {
        signal = ctx.signal;
        return new Promise<void>((_, reject) =>
          ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)),
        );
      },
    };
    const deps = { ...world.deps, target: async () => target };
    const payload = { op: 'restore', contract: 1, deploymentId: next.id };
    await expect(perform(() => deps, payload, new AbortController().signal)).rejects.toThrow(OutcomeUnknown);
    expect(signal?.aborted).toBe(true);
    expect(world.platform.live).toBe(next.id);
  });

  test('is refused outside a settlement', async () => {
    await using world = await openWorld();
    const { next } = await failedAfterSwitch(world);
    expect(await world.call('restore', next)).toMatchObject({ restored: false });
    expect(world.platform.live).toBe(next.id);
  });

  test('without an answer throws, so that the settlement keeps its intent', async () => {
    await using world = await openWorld();
    const { next } = await failedAfterSwitch(world);
    const calls = { 'restore-1': world.store.clock.now() + 60_000 };
    await changeWith(world.store, next.id, () => ({ ...settling, calls }));
    world.platform.fault.restore = {
      when: 'after',
      run: () => {
        throw new OutcomeUnknown('The platform gave no answer.');
      },
    };
    await expect(world.call('restore', next)).rejects.toThrow(OutcomeUnknown);
  });

  test('a target that cannot be read is not known to serve anything', async () => {
    await using world = await openWorld();
    const { next } = await failedAfterSwitch(world);
    world.platform.fault.serving = {
      when: 'before',
      run: () => {
        throw new OutcomeUnknown('The platform gave no answer.');
      },
    };
    expect(await world.call('serving', next)).toEqual({ known: false });
  });
});
