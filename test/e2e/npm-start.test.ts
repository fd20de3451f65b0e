import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import { isAlive } from '../../local/supervise/signals.ts';
import { startSlipway } from '../support/slipway.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const lines = (text: string) => text.split('\n');

test('a first start deploys the example, finds that it serves what was built, and leaves nothing running', async () => {
  const start = startSlipway({ dir, args: ['--exit'] });
  const { pid } = await start.running();
  expect((await stat(join(dir, 'local.json'))).mode & 0o777).toBe(0o600);
  expect(await start.ended, start.output()).toBe(0);
  expect(start.output()).toMatch(
    /All \d+ addresses of http:\/\/127\.0\.0\.1:\d+ serve exactly what was built/,
  );
  expect(isAlive(pid)).toBe(false);
  await expect(readFile(join(dir, 'local.json'))).rejects.toThrow('ENOENT');
  const emulator = JSON.parse(await readFile(join(dir, 'emulator.json'), 'utf8')) as { pid: number };
  expect(isAlive(emulator.pid)).toBe(false);
});

test('a warm start is ready within 20 s, does not repeat the set-up, and has kept what was there', async () => {
  const before = performance.now();
  const start = startSlipway({ dir });
  await start.printed('is live:');
  expect(performance.now() - before).toBeLessThan(20_000);
  expect(start.output()).not.toContain('Installing');
  expect(start.output()).not.toContain('Deploying the CDK app');

  const { url, token, pid } = await start.running();
  const slipway = new Slipway({ url, token });
  const { items } = unwrap(await slipway.deployments.list());
  expect(items.map(({ status, releaseState }) => [status, releaseState])).toEqual([
    ['succeeded', 'active'],
    ['succeeded', 'inactive'],
  ]);

  const second = startSlipway({ dir });
  expect(await second.ended).toBe(1);
  expect(lines(second.output().trim())).toEqual([
    expect.stringContaining(`already runs here as process ${pid}`),
  ]);

  expect(await start.interrupt(), start.output()).toBe(0);
});
