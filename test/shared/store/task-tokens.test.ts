import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Machine } from '../../../shared/platform/machine.ts';
import {
  answerCaller,
  answerStage,
  dropAnswer,
  resendAnswer,
  storeToken,
} from '../../../shared/store/task-tokens.ts';
import { unsentAnswersBefore } from '../../../shared/store/work.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
let id: string;
/** Tokens that the engine waits for, and what it was told. */
let waiting: Set<string>;
let told: string[];
let broken: boolean;

const answer = async (token: string, what: string) => {
  if (broken) throw new Error('Step Functions does not answer');
  if (!waiting.delete(token)) return 'stale';
  told.push(`${what} ${token}`);
  return 'delivered';
};
const machine = {
  succeed: (token: string) => answer(token, 'ok'),
  fail: (token: string, code: string) => answer(token, code),
} as Machine; // Nothing else of the machine is used here.

beforeAll(async () => {
  store = await freshStore();
});
beforeEach(() => {
  id = `dep_${store.random.ulid(store.clock.now())}`;
  waiting = new Set(['t1', 't2']);
  told = [];
  broken = false;
});

const offered = (token: string, second = 1, retryCount = 0) => ({
  token,
  enteredAt: `2025-01-15T12:00:0${second}.000Z`,
  retryCount,
});
const keep = (token: ReturnType<typeof offered>) => storeToken(store, machine, id, 'build', 0, token);
const succeed = () => answerStage(store, machine, id, 'build', 0, { ok: true });
async function unsent(): Promise<string[]> {
  const found: string[] = [];
  for await (const one of unsentAnswersBefore(store, store.clock.now() + 1000)) found.push(one.deploymentId);
  return found;
}

describe('an answer', () => {
  test('goes to the token that is kept, once', async () => {
    expect(await keep(offered('t1'))).toBe('none');
    expect(await succeed()).toBe('sent');
    expect(await succeed()).toBe('sent');
    expect(told).toEqual(['ok t1']);
    expect(await unsent()).not.toContain(id);
  });

  test('that comes before the token is sent when the token comes', async () => {
    expect(await succeed()).toBe('unsent');
    expect(await unsent()).toContain(id);
    expect(await keep(offered('t1'))).toBe('sent');
    expect(told).toEqual(['ok t1']);
    expect(await unsent()).not.toContain(id);
  });

  test('is the first one, whatever is answered after it', async () => {
    await keep(offered('t1'));
    await answerStage(store, machine, id, 'build', 0, { ok: false, code: 'BUILD_FAILED' });
    await succeed();
    expect(told).toEqual(['BUILD_FAILED t1']);
  });

  test('whose sender dies stays on the list until it is sent again', async () => {
    await keep(offered('t1'));
    broken = true;
    await expect(succeed()).rejects.toThrow('does not answer');
    expect(await unsent()).toContain(id);
    broken = false;
    expect(await resendAnswer(store, machine, id, 'build', 0)).toBe('sent');
    expect(told).toEqual(['ok t1']);
    expect(await unsent()).not.toContain(id);
  });

  test('to a token that the engine has forgotten waits for a newer one', async () => {
    waiting.delete('t1');
    await keep(offered('t1'));
    expect(await succeed()).toBe('unsent');
    expect(await keep(offered('t2', 2))).toBe('sent');
    expect(told).toEqual(['ok t2']);
  });

  test('that nobody waits for any more can be taken off the list', async () => {
    await succeed();
    await dropAnswer(store, id, 'build', 0);
    expect(await unsent()).not.toContain(id);
  });
});

describe('an answer of the function that the machine has called', () => {
  const answerWith = (token: string) =>
    answerCaller(store, machine, { deploymentId: id, stage: 'build', round: 0, token }, { ok: true });

  test('is sent at once and stands on no list', async () => {
    await keep(offered('t1'));
    expect(await answerWith('t1')).toBe('sent');
    expect(told).toEqual(['ok t1']);
    expect(await unsent()).not.toContain(id);
  });

  test('whose function dies goes to the token of its next run', async () => {
    await keep(offered('t1'));
    broken = true;
    await expect(answerWith('t1')).rejects.toThrow('does not answer');
    broken = false;
    waiting.delete('t1');
    expect(await keep(offered('t2', 1, 1))).toBe('sent');
    expect(told).toEqual(['ok t2']);
  });

  test('goes to the newer token where the machine has called another one meanwhile', async () => {
    await keep(offered('t1'));
    waiting.delete('t1');
    await keep(offered('t2', 1, 1));
    expect(await answerWith('t1')).toBe('sent');
    expect(told).toEqual(['ok t2']);
  });

  test('is none where somebody else has answered before', async () => {
    await keep(offered('t1'));
    await answerStage(store, machine, id, 'build', 0, { ok: false, code: 'BUILD_FAILED' });
    expect(await answerWith('t1')).toBe('sent');
    expect(told).toEqual(['BUILD_FAILED t1']);
  });
});

describe('a token', () => {
  test('of an older entry or an earlier try does not replace a newer one', async () => {
    await keep(offered('t2', 2));
    await keep(offered('t1', 1));
    await succeed();
    expect(told).toEqual(['ok t2']);
  });

  test('of a later try of the same entry replaces the earlier one', async () => {
    await keep(offered('t1', 1, 0));
    await keep(offered('t2', 1, 1));
    await succeed();
    expect(told).toEqual(['ok t2']);
  });

  test('that comes after the older one was answered gets the answer as well', async () => {
    await keep(offered('t1', 1));
    await succeed();
    expect(await keep(offered('t2', 2))).toBe('sent');
    expect(told).toEqual(['ok t1', 'ok t2']);
  });

  test('of another round is not answered', async () => {
    await keep(offered('t1'));
    await answerStage(store, machine, id, 'build', 1, { ok: true });
    expect(told).toEqual([]);
  });
});
