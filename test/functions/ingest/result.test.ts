import { describe, expect, test } from 'vitest';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import { lastBeat } from '../../../shared/store/heartbeats.ts';
import { finishJob, getJob } from '../../../shared/store/jobs.ts';
import { type TestIngest, testIngest } from './world.ts';

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

describe('what a failure quotes of its output is masked by its form, as the log is', () => {
  const KEY_LINE = 'MIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyz';
  const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
  const quoting = (...lines: readonly string[]) => ({
    outcome: 'failed',
    lines: 0,
    failure: {
      code: 'BUILD_FAILED',
      step: 'build',
      message: ['The build command exited with 1.', ...lines].join('\n'),
      exitCode: 1,
      retryable: false,
      suggestion: 'Look at the lines of step build.',
    },
  });
  const kept = async (world: TestIngest) =>
    JSON.stringify([
      await requireDeployment(world.store, world.deployment.id),
      await getJob(world.store, world.jobKey),
    ]);

  test('tokens, and a key that begins and ends there', async () => {
    const world = await testIngest();
    const key = ['-----BEGIN RSA PRIVATE KEY-----', KEY_LINE, '-----END RSA PRIVATE KEY-----'];
    expect((await world.post('result', quoting(`token ${TOKEN}`, ...key, 'done'))).status).toBe(200);
    const text = await kept(world);
    expect(text).toContain('token ***');
    expect(text).toContain('done');
    for (const secret of [TOKEN, KEY_LINE]) expect(text).not.toContain(secret);
  });

  test('the end of a key that began before', async () => {
    const world = await testIngest();
    await world.post('result', quoting(KEY_LINE, '-----END RSA PRIVATE KEY-----', 'done'));
    const text = await kept(world);
    expect(text).not.toContain(KEY_LINE);
    expect(text).toContain('done');
  });

  test('the inside of a key of which neither end is quoted', async () => {
    const world = await testIngest();
    await world.lines(0, ['-----BEGIN RSA PRIVATE KEY-----', KEY_LINE]);
    await world.post('result', { ...quoting(KEY_LINE), lines: 2 });
    expect(await kept(world)).not.toContain(KEY_LINE);
  });
});
