import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import { isAlive } from '../../local/supervise/signals.ts';
import { type SlipwayProcess, startSlipway } from '../support/slipway.ts';

let dir: string;
const started: SlipwayProcess[] = [];

/** Under IAM enforcement the API's address changes from start to start, so that nothing would be warm. */
const PLAIN = { SLIPWAY_ENFORCE_IAM: '0' };

function start(...args: string[]): SlipwayProcess {
  const slipway = startSlipway({ dir, args, env: PLAIN });
  started.push(slipway);
  return slipway;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Also where an expectation failed while it ran. */
afterEach(async () => {
  for (const slipway of started.splice(0)) await slipway.interrupt();
});

const lines = (text: string) => text.split('\n');

/** How long the first start took until it was up (ms), all of its set-up included. */
let firstTook = 0;

test('a first start deploys the example, finds that it serves what was built, and leaves nothing running', async () => {
  const before = performance.now();
  const first = start('--exit');
  const { pid } = await first.running();
  firstTook = performance.now() - before;
  expect((await stat(join(dir, 'local.json'))).mode & 0o777).toBe(0o600);
  expect(await first.ended, first.output()).toBe(0);
  expect(first.output()).toMatch(
    /All \d+ addresses of http:\/\/127\.0\.0\.1:\d+ serve exactly what was built/,
  );
  expect(isAlive(pid)).toBe(false);
  await expect(readFile(join(dir, 'local.json'))).rejects.toThrow('ENOENT');
  const emulator = JSON.parse(await readFile(join(dir, 'emulator.json'), 'utf8')) as { pid: number };
  expect(isAlive(emulator.pid)).toBe(false);
});

test('a warm start does not repeat the set-up, is ready sooner, and has kept what was there', async () => {
  const before = performance.now();
  const warm = start();
  await warm.printed('Try in another terminal');
  const took = performance.now() - before;
  expect(warm.output()).not.toContain('Installing');
  expect(warm.output()).not.toContain('Deploying the CDK app');
  // How many seconds it may take is measured by test/bench, on a machine that does nothing else.
  expect(took).toBeLessThan(firstTook);
  await warm.printed('is live:');

  const { url, token, pid } = await warm.running();
  const slipway = new Slipway({ url, token });
  const { items } = unwrap(await slipway.deployments.list());
  // The newest two: this start's own and the one before it.
  expect(items.slice(0, 2).map(({ status, releaseState }) => [status, releaseState])).toEqual([
    ['succeeded', 'active'],
    ['succeeded', 'inactive'],
  ]);

  const second = start();
  expect(await second.ended).toBe(1);
  expect(lines(second.output().trim())).toEqual([
    expect.stringContaining(`already runs here as process ${pid}`),
  ]);

  expect(await warm.interrupt(), warm.output()).toBe(0);
});
