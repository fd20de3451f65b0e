import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { delayAfter } from '../../../functions/targets/observe-delay.ts';
import { OutcomeUnknown, StageFailed } from '../../../shared/errors/deployments.ts';
import { secretKey } from '../../../shared/platform/secret-values.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { variable } from '../../support/given.ts';
import { zipOf } from '../../support/zip.ts';
import { openWorld, type World } from './world.ts';

const stage = async (world: World, deployment: { id: string }, name: string) =>
  (await world.record(deployment)).stages.find((record) => record.name === name);

describe('release', () => {
  test('places the release, keeps its id, and answers the token', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    await world.call('release', deployment);
    expect(world.platform.placed).toContain(deployment.id);
    expect(world.platform.live).toBeUndefined();
    const record = await world.record(deployment);
    expect(record).toMatchObject({ releaseId: deployment.id, calls: {}, activating: false, progress: 80 });
    expect(record.previewUrls).toEqual([`http://${world.platform.server.host}/?preview=${deployment.id}`]);
    expect([...world.machine.answers.values()]).toEqual([{ ok: true }]);
  });

  test('a known failure is on the record before the token is answered', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    world.platform.fault.start = {
      when: 'before',
      run: () => {
        throw new StageFailed('PROJECT_NAME_TAKEN', 'The platform has a project of that name.');
      },
    };
    await world.call('release', deployment);
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'PROJECT_NAME_TAKEN',
      stage: 'release',
    });
    expect([...world.machine.answers.values()]).toEqual([{ ok: false, code: 'PROJECT_NAME_TAKEN' }]);
  });

  test('a start whose answer got lost is asked for again', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    let lost = 0;
    world.platform.fault.start = {
      when: 'after',
      run: () => {
        lost += 1;
        if (lost < 3) throw new OutcomeUnknown('The platform gave no answer.');
      },
    };
    await world.call('release', deployment);
    expect(lost).toBe(3);
    expect(await stage(world, deployment, 'release')).toMatchObject({ status: 'succeeded', attempts: 3 });
    expect([...world.machine.answers.values()]).toEqual([{ ok: true }]);
    const [first] = (await world.messages(deployment)).filter((line) => line.startsWith('Attempt'));
    expect(first).toMatch(
      /^Attempt 1 of 3: The platform gave no answer\. Trying again in 0\.[5-9] s\.$|in 1\.0 s\.$/,
    );
  });

  test('a start that goes live at once and whose answer got lost is asked for again after a look at what is served', async () => {
    await using world = await openWorld({ staging: false });
    const deployment = await world.deployment();
    let lost = 0;
    world.platform.fault.start = {
      when: 'after',
      run: () => {
        lost += 1;
        if (lost === 1) throw new OutcomeUnknown('The platform gave no answer.');
      },
    };
    await world.call('release', deployment);
    expect(world.platform.calls).toEqual(['start', 'serving', 'start']);
    expect(await world.record(deployment)).toMatchObject({ calls: {}, releaseId: deployment.id });
    expect([...world.machine.answers.values()]).toEqual([{ ok: true }]);
  });

  test('a start that goes live at once is not asked for again where nothing can be read back', async () => {
    await using world = await openWorld({ staging: false });
    const deployment = await world.deployment();
    const lost = () => {
      throw new OutcomeUnknown('The platform gave no answer.');
    };
    world.platform.fault.start = { when: 'after', run: lost };
    world.platform.fault.serving = { when: 'before', run: lost };
    await world.call('release', deployment);
    expect(world.platform.calls.filter((call) => call === 'start')).toHaveLength(1);
    expect(Object.keys((await world.record(deployment)).calls)).toHaveLength(1);
  });

  test('a state that is entered again answers its new token without doing the work twice', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    await world.call('release', deployment);
    world.store.clock.advance(1000);
    await world.call('release', deployment);
    expect(world.platform.calls.filter((call) => call === 'start')).toHaveLength(1);
    expect([...world.machine.answers.values()]).toEqual([{ ok: true }, { ok: true }]);
  });

  test('a deployment that is ending releases nothing, and its machine goes on to settle', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    await changeWith(world.store, deployment.id, () => ({
      settling: { at: '2025-01-15T12:00:00.000Z', by: 'sweep' },
    }));
    await world.call('release', deployment);
    expect(world.platform.calls).toEqual([]);
    expect([...world.machine.answers.values()]).toEqual([{ ok: false, code: 'Ending' }]);
  });

  test('where the target cannot stage, the intent precedes the start', async () => {
    await using world = await openWorld({ staging: false });
    const deployment = await world.deployment();
    let calls: Readonly<Record<string, number>> = {};
    world.platform.fault.start = {
      when: 'before',
      run: async () => {
        calls = (await world.record(deployment)).calls;
      },
    };
    await world.call('release', deployment);
    expect(Object.keys(calls)).toHaveLength(1);
    expect(world.platform.live).toBe(deployment.id);
    expect(await world.record(deployment)).toMatchObject({ calls: {}, activating: true });
  });
});

describe('what a target gets', () => {
  test('runtime variables with their secrets, which no log line shows', async () => {
    await using world = await openWorld();
    const { project, environment } = world.given;
    await world.secrets.put(secretKey(project.id, environment.name, 'API_KEY', 4), 'hunter2-hunter2');
    const deployment = await world.deployment({
      snapshot: {
        variables: {
          API_KEY: variable({ sensitive: true, revision: 4, use: 'runtime' }),
          PLAIN: variable({ value: 'seen', use: 'both' }),
          BUILD_ONLY: variable({ value: 'hidden', use: 'build' }),
        },
      },
    });
    world.platform.fault.start = {
      when: 'before',
      run: (ctx) => ctx.log('info', `Sending API_KEY=${ctx.variables['API_KEY']}`),
    };
    await world.call('release', deployment);
    const [ctx] = world.platform.contexts;
    expect(ctx?.variables).toEqual({ API_KEY: 'hunter2-hunter2', PLAIN: 'seen' });
    const log = (await world.messages(deployment)).join('\n');
    expect(log).toContain('Sending API_KEY=***');
    expect(log).not.toContain('hunter2');
  });

  test('and what it says when it fails is masked before it stands in the record', async () => {
    await using world = await openWorld();
    const { project, environment } = world.given;
    await world.secrets.put(secretKey(project.id, environment.name, 'API_KEY', 1), 'hunter2-hunter2');
    const deployment = await world.deployment({
      snapshot: { variables: { API_KEY: variable({ sensitive: true, use: 'runtime' }) } },
    });
    world.platform.fault.start = {
      when: 'before',
      run: (ctx) => {
        throw new StageFailed('RELEASE_FAILED', `The key ${ctx.variables['API_KEY']} is not valid.`);
      },
    };
    await world.call('release', deployment);
    const record = await world.record(deployment);
    expect(record.failure?.message).toBe('The key *** is not valid.');
    expect(JSON.stringify(record)).not.toContain('hunter2');
  });

  test('no secret before the gate has passed', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment({
      snapshot: { frozen: false, variables: { API_KEY: variable({ sensitive: true }) } },
    });
    await world.call('serving', deployment);
    expect(world.platform.contexts.at(-1)?.variables).toEqual({});
  });

  test('the artifact, file by file', async () => {
    await using world = await openWorld();
    const zip = await zipOf([{ path: 'index.html', content: '<h1>hi</h1>' }]);
    const digest = createHash('sha256').update(zip).digest('hex');
    await world.artifacts.put('artifacts/a.zip', zip);
    const artifact = { key: 'artifacts/a.zip', digest, size: zip.length, files: 1 };
    const deployment = await world.deployment({ artifact });
    let content = '';
    world.platform.fault.start = {
      when: 'before',
      run: async (ctx) => {
        const [file] = (await ctx.artifact?.files()) ?? [];
        content = Buffer.from((await file?.read()) ?? []).toString();
      },
    };
    await world.call('release', deployment);
    expect(content).toBe('<h1>hi</h1>');
  });

  test('no artifact whose bytes changed after they were reported', async () => {
    await using world = await openWorld();
    const zip = await zipOf([{ path: 'index.html', content: 'other' }]);
    await world.artifacts.put('artifacts/a.zip', zip);
    const artifact = { key: 'artifacts/a.zip', digest: '0'.repeat(64), size: zip.length, files: 1 };
    const deployment = await world.deployment({ artifact });
    world.platform.fault.start = {
      when: 'before',
      run: async (ctx) => {
        await ctx.artifact?.files();
      },
    };
    await world.call('release', deployment);
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'RELEASE_FAILED',
      stage: 'release',
    });
    expect(world.platform.placed).not.toContain(deployment.id);
  });
});

describe('a platform that reports later', () => {
  const pending = async (world: World) => {
    world.platform.startState = 'pending';
    const deployment = await world.deployment();
    await world.call('release', deployment);
    expect(world.machine.answers.size).toBe(0);
    return deployment;
  };

  test('is looked at until it succeeds; its lines are kept once and the token answered', async () => {
    await using world = await openWorld();
    const deployment = await pending(world);
    const line = (message: string) => ({ at: world.store.clock.now(), level: 'info' as const, message });
    world.platform.observations = [
      { status: 'queued', lines: [line('waiting')], cursor: 'one' },
      { status: 'building', lines: [line('packing')], cursor: 'two', message: 'packing the site' },
      { status: 'succeeded', lines: [line('done')] },
    ];
    const delays = [];
    for (;;) {
      const next = world.queue[0];
      if (next === undefined) break;
      delays.push(next.delaySeconds);
      await world.deliver();
    }
    expect(delays).toEqual([1, 2, 2]);
    expect([...world.machine.answers.values()]).toEqual([{ ok: true }]);
    expect(await stage(world, deployment, 'release')).toMatchObject({ status: 'succeeded' });
    const told = await world.messages(deployment);
    expect(told.filter((message) => ['waiting', 'packing', 'done'].includes(message))).toEqual([
      'waiting',
      'packing',
      'done',
    ]);
  });

  test('a message delivered twice writes its lines once', async () => {
    await using world = await openWorld();
    const deployment = await pending(world);
    const observation = {
      status: 'building' as const,
      lines: [{ at: 1, level: 'info' as const, message: 'once' }],
    };
    world.platform.observations = [observation];
    const [message] = world.queue;
    expect(message?.call).toMatchObject({ op: 'observe', attempt: 1 });
    await world.call('observe', deployment, { attempt: 1 });
    await world.call('observe', deployment, { attempt: 1 });
    expect((await world.messages(deployment)).filter((text) => text === 'once')).toHaveLength(1);
  });

  test('a failure that it reports ends the stage', async () => {
    await using world = await openWorld();
    const deployment = await pending(world);
    world.platform.observations = [{ status: 'failed', message: 'Out of disk space.', lines: [] }];
    await world.deliver();
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'RELEASE_FAILED',
      message: 'Out of disk space.',
    });
    expect([...world.machine.answers.values()]).toEqual([{ ok: false, code: 'RELEASE_FAILED' }]);
  });

  test('a look without an answer is only another look', async () => {
    await using world = await openWorld();
    const deployment = await pending(world);
    await world.deliver();
    expect((await world.record(deployment)).failure).toBeUndefined();
    expect(world.queue).toMatchObject([{ call: { attempt: 2 }, delaySeconds: 2 }]);
  });

  test('that stops answering is said so in the log, once, until it answers again', async () => {
    await using world = await openWorld();
    const deployment = await pending(world);
    await world.deliver();
    await world.deliver();
    const line = { at: world.store.clock.now(), level: 'info' as const, message: 'packing' };
    world.platform.observations = [{ status: 'building', lines: [line], cursor: 'one' }];
    await world.deliver();
    world.platform.observations = [];
    await world.deliver();
    const told = (await world.messages(deployment)).filter((text) => /failed|packing/.test(text));
    const broken = expect.stringContaining('Log streaming failed: the target did not answer');
    expect(told).toEqual([broken, 'packing', broken]);
  });

  test('nobody looks any more once the deployment is ending', async () => {
    await using world = await openWorld();
    const deployment = await pending(world);
    await changeWith(world.store, deployment.id, () => ({
      settling: { at: '2025-01-15T12:00:00.000Z', by: 'sweep' },
    }));
    await world.deliver();
    expect(world.queue).toEqual([]);
    expect(world.machine.answers.size).toBe(0);
  });

  test('the looks come rarer and rarer, never more than 30 s apart', () => {
    const delays = Array.from({ length: 20 }, (_, i) => delayAfter(i + 1));
    expect(delays.slice(0, 6)).toEqual([2, 2, 3, 5, 8, 11]);
    expect(delays.every((delay, i) => delay >= (delays[i - 1] ?? 1))).toBe(true);
    expect(Math.max(...delays)).toBe(30);
  });
});

describe('verify', () => {
  test('probes the staged release, not the live one', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    await world.call('release', deployment);
    world.platform.live = 'dep_before';
    await world.call('verify', deployment);
    expect(await stage(world, deployment, 'verify')).toMatchObject({ status: 'succeeded' });
  });

  test('another release under the staged address fails it', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    await world.call('release', deployment);
    world.platform.placed.delete(deployment.id);
    world.platform.live = 'dep_before';
    await expect(world.call('verify', deployment)).rejects.toThrow(StageFailed);
    expect((await world.record(deployment)).failure).toMatchObject({
      code: 'VERIFY_FAILED',
      stage: 'verify',
      message: expect.stringContaining('was answered by release dep_before') as unknown,
    });
  });

  test('a target that cannot stage skips it and says so', async () => {
    await using world = await openWorld({ staging: false });
    const deployment = await world.deployment();
    await world.call('release', deployment);
    await world.call('verify', deployment);
    const record = await stage(world, deployment, 'verify');
    expect(record).toMatchObject({
      status: 'skipped',
      message: expect.stringContaining('cannot show') as unknown,
    });
    expect(await world.messages(deployment)).toContain(record?.message);
  });
});

describe('cancel', () => {
  test('nothing was begun, so nothing is to be stopped', async () => {
    await using world = await openWorld();
    expect(await world.call('cancel', await world.deployment())).toEqual({ stopped: true });
  });

  test('the platform says whether its own work has stopped', async () => {
    await using world = await openWorld();
    const deployment = await world.deployment();
    await world.call('release', deployment);
    expect(await world.call('cancel', deployment)).toEqual({ stopped: true });
  });
});

test('a payload of another form is refused before anything is done', async () => {
  await using world = await openWorld();
  const deployment = await world.deployment();
  await expect(world.call('serving', deployment, { contract: 99 })).rejects.toThrow();
  await expect(world.call('serving', deployment, { extra: true })).rejects.toThrow();
  expect(world.platform.calls).toEqual([]);
});
