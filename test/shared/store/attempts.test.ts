import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { FenceLost, OutcomeUnknown, StageFailed } from '../../../shared/errors/deployments.ts';
import { PlatformUnavailable } from '../../../shared/errors/requests.ts';
import { backoffMs, MAX_ATTEMPTS, withAttempts } from '../../../shared/store/attempts.ts';
import { requestCancel } from '../../../shared/store/cancel.ts';
import { beginStage, requireDeployment, stageOf } from '../../../shared/store/deployments.ts';
import { type Given, givenDeployment, givenProject } from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
let given: Given;
beforeAll(async () => {
  store = await freshStore();
  given = await givenProject(store);
});

async function releasing() {
  const { id } = await givenDeployment(store, given, { status: 'building', stage: 'build' });
  await beginStage(store, id, 'release', { executionArn: 'arn:x', enteredAt: '2025-01-15T12:00:01.000Z' });
  return id;
}

/** Work that fails with each of these in turn, and then is done. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  const calls: number[] = [];
  return {
    calls,
    work: async () => {
      calls.push(store.clock.now());
      const error = left.shift();
      if (error !== undefined) throw error;
      return 'done';
    },
  };
}

const repeated = (deploymentId: string) => ({ deploymentId, stage: 'release', failed: () => {} }) as const;
const attemptsOf = async (id: string) => stageOf(await requireDeployment(store, id), 'release')?.attempts;

describe('work of a stage', () => {
  test('that fails for what may pass is done again, and each attempt stands on the record', async () => {
    const id = await releasing();
    const { calls, work } = failing(new OutcomeUnknown('No answer.'), new PlatformUnavailable('Busy.'));
    const waits: number[] = [];
    const failed = (_: Error, waitMs: number) => void waits.push(waitMs);
    expect(await withAttempts(store, { ...repeated(id), failed }, work)).toBe('done');
    expect(await attemptsOf(id)).toBe(3);
    const [first = 0, second = 0, third = 0] = calls;
    expect([second - first, third - second]).toEqual(waits.map((ms) => Math.ceil(ms)));
  });

  test('that keeps failing ends with the last failure, after as many attempts as there are', async () => {
    const id = await releasing();
    const errors = Array.from({ length: 9 }, (_, n) => new PlatformUnavailable(`Failure ${n + 1}.`));
    const { calls, work } = failing(...errors);
    await expect(withAttempts(store, repeated(id), work)).rejects.toThrow(`Failure ${MAX_ATTEMPTS}.`);
    expect(calls).toHaveLength(MAX_ATTEMPTS);
    expect(await attemptsOf(id)).toBe(MAX_ATTEMPTS);
  });

  test.each([
    ['is known to fail', new StageFailed('BUILD_FAILED', 'Exit 7.')],
    ['lost its fence', new FenceLost('A newer owner.')],
    ['has a bug', new TypeError('undefined is not a function')],
  ])('that %s is not done again', async (_name, error) => {
    const id = await releasing();
    const { calls, work } = failing(error);
    await expect(withAttempts(store, repeated(id), work)).rejects.toBe(error);
    expect(calls).toHaveLength(1);
    expect(await attemptsOf(id)).toBe(1);
  });

  test('is not done again once its deployment is canceled', async () => {
    const id = await releasing();
    const { calls, work } = failing(new PlatformUnavailable('Busy.'));
    const failed = async () => void (await requestCancel(store, id, { by: 'ann' }));
    await expect(withAttempts(store, { ...repeated(id), failed }, work)).rejects.toThrow(FenceLost);
    expect(calls).toHaveLength(1);
  });

  test('is not done again once its time is up', async () => {
    const id = await releasing();
    const { calls, work } = failing(new PlatformUnavailable('Busy.'));
    const over = { ...repeated(id), signal: AbortSignal.abort() };
    await expect(withAttempts(store, over, work)).rejects.toThrow('Busy.');
    expect(calls).toHaveLength(1);
  });
});

test('the wait doubles from a second on, and half of it is left to chance', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, unit) => {
        const whole = 1000 * 2 ** (failures - 1);
        const ms = backoffMs(failures, unit);
        expect(ms).toBeGreaterThanOrEqual(whole / 2);
        expect(ms).toBeLessThanOrEqual(whole);
        expect(backoffMs(failures, 0.9) > backoffMs(failures, 0.1)).toBe(true);
      },
    ),
  );
});
