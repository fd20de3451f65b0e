import { describe, expect, test } from 'vitest';
import { viewOfDeployment } from '../../functions/reads/view.ts';
import { failedBuild, World } from './world/world.ts';

describe('a failure', () => {
  const cases: [stage: string, go: (world: World) => Promise<string>][] = [
    ['gate', (world) => world.deploy({ source: { type: 'branch', ref: 'mian' } })],
    [
      'build',
      async (world) => {
        const id = await world.deploy();
        await world.report(await world.claimed(), failedBuild(7));
        return id;
      },
    ],
    [
      'release',
      async (world) => {
        world.target.faults.start = 'refused';
        const id = await world.deploy();
        await world.buildWell();
        return id;
      },
    ],
    [
      'activate',
      async (world) => {
        world.liveStatus = 500;
        const id = await world.deploy();
        await world.buildWell();
        return id;
      },
    ],
  ];

  test.each(cases)('in %s stands on the record and in the log, in the same words', async (stage, go) => {
    const world = await World.create();
    const deployment = await world.ended(await go(world));
    const error = 'error' in deployment ? deployment.error : undefined;
    expect(error?.stage).toBe(stage);
    expect(error?.message).not.toBe('');
    expect(deployment.stages.find(({ name }) => name === stage)?.message).toBe(error?.message);
    const lines = await world.log(deployment.id);
    expect(lines.at(-1)).toBe(
      `Ended failed in ${stage} (${error?.code}): ${error?.message} ${error?.suggestion}`,
    );
  });
});

test('a deployment that has ended says where it ended, when it began and how long it took', async () => {
  const world = await World.create();
  const id = await world.deploy();
  await world.offered(id);
  world.advance(42);
  await world.buildWell();
  const view = viewOfDeployment(await world.ended(id));

  expect(view).toMatchObject({ stage: 'settle', progress: 100, durationSeconds: 42 });
  expect(Date.parse(view.finishedAt ?? '') - Date.parse(view.startedAt ?? '')).toBe(42_000);
});
