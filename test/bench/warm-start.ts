import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SlipwayProcess, startSlipway } from '../support/slipway.ts';
import { atMost, type Figure, median } from './figure.ts';

const ROUNDS = 3;
const BOUND_S = 20;

/**
 * `npm start` where an earlier one was stopped cleanly: until the API is up with runner and edge, and until the
 * example is deployed once more and live. Median of three; the first start, with set-up, is not counted.
 */
export async function run(): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  try {
    await startedAndStopped(dir);
    const times: Times[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await startedAndStopped(dir));
    const live = median(times.map((each) => each.live));
    const up = median(times.map((each) => each.up));
    return [
      atMost('a warm npm start until the service is up', up, BOUND_S, 's'),
      atMost('a warm npm start until the example is live again', live, BOUND_S, 's'),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Times {
  readonly up: number;
  readonly live: number;
}

async function startedAndStopped(dir: string): Promise<Times> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const slipway: SlipwayProcess = startSlipway({ dir });
  try {
    await slipway.running();
    const up = seconds();
    await slipway.printed('is live:');
    return { up, live: seconds() };
  } finally {
    await slipway.interrupt();
  }
}
