import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refusalsIn } from '../support/refusals.ts';
import { startSlipway } from '../support/slipway.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-enforced-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

it('a whole deployment needs no more than the roles of the functions allow', async () => {
  const start = startSlipway({ dir, args: ['--exit'], env: { SLIPWAY_ENFORCE_IAM: '1' } });
  expect(await start.ended, start.output()).toBe(0);
  const logs = await readFile(join(dir, 'state', 'services', 'cloudwatch_logs.json'), 'utf8');
  expect(logs.match(/START RequestId/g)?.length).toBeGreaterThan(20);
  // What a function does beside its answer may be refused unseen, so the emulator itself is asked.
  expect(await refusalsIn(dir)).toEqual([]);
});
