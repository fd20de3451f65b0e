import { expect, test } from 'vitest';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import { lastBeat } from '../../../shared/store/heartbeats.ts';
import { finishJob } from '../../../shared/store/jobs.ts';
import { testIngest } from './world.ts';

test('a result that is sent again is a sign of life, although its job is over', async () => {
  const world = await testIngest();
  const result = { outcome: 'canceled', lines: 0 } as const;
  await finishJob(world.store, world.jobKey, result);
  world.store.clock.advance(30_000);
  await world.post('result', result);
  expect(await lastBeat(world.store, world.jobKey)).toBe(world.store.clock.now());
});

test('a result with a field that there is not is refused with the field, and changes nothing', async () => {
  const world = await testIngest();
  const before = await requireDeployment(world.store, world.deployment.id);
  const { status, body } = await world.post('result', {
    outcome: 'canceled',
    lines: 0,
    status: 'succeeded',
  });
  expect([status, body.code, body.field]).toEqual([400, 'VALIDATION_FAILED', '/status']);
  expect(await requireDeployment(world.store, world.deployment.id)).toEqual(before);
});
