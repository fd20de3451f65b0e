import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { PRICES } from '../../../shared/domain/prices.ts';
import { chargeTo, chargeToNoticed, count, inPurse, spentOn } from '../../../shared/platform/account.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { collectTally, invoked, invokedInPart, workFor } from '../../../shared/store/spending.ts';
import { addToTally, takeTally } from '../../../shared/store/tally.ts';
import { aDeployment } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
let n = 0;
let id = '';
beforeEach(async () => {
  store ??= await freshStore();
  n += 1;
  id = `dep_${n}`;
});

/** Worth the writing down: 40 writes. */
const MUCH = { writeUnits: 40 };
const facts = { memoryLimitInMB: '1024' };

describe('an invocation', () => {
  test('costs its request, its time by its memory and what its clients did', async () => {
    await invoked(store, { facts, given: { requests: 1 } }, async () => {
      chargeTo(id);
      count({ gets: 2 });
      store.clock.advance(500);
    });
    expect(spentOn(id)).toEqual({ requests: 1, invocations: 1, gets: 2, lambdaMs: 500, gbSeconds: 0.5 });
  });

  test('that fails has been paid for all the same', async () => {
    const failing = invoked(store, { facts, owner: id }, async () => {
      count({ gets: 1 });
      throw new TypeError('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(spentOn(id)).toMatchObject({ invocations: 1, gets: 1 });
  });

  test("for no deployment is nobody's cost", async () => {
    await invoked(store, { facts }, async () => count({ gets: 1 }));
    expect(spentOn(id)).toEqual({});
  });

  test('is for the deployment that it read first, unless it says another', async () => {
    const [one, other] = [aDeployment({ id }), aDeployment({ id: `${id}b` })];
    await invoked(store, { facts }, async () => {
      chargeToNoticed(one);
      chargeToNoticed(other);
    });
    await invoked(store, { facts }, async () => {
      chargeToNoticed(one);
      chargeTo(other.id);
    });
    expect([spentOn(one.id).invocations, spentOn(other.id).invocations]).toEqual([1, 1]);
  });

  test('that reads a deployment whose log is closed adds nothing to its cost', async () => {
    const ended = aDeployment({ id, status: 'succeeded' });
    await invoked(store, { facts }, async () => chargeToNoticed(ended));
    expect(spentOn(id)).toEqual({});
    await invoked(store, { facts }, async () => chargeToNoticed({ ...ended, closing: true }));
    expect(spentOn(id).invocations).toBe(1);
  });

  test('is told apart from another at the same time', async () => {
    const work = (owner: string, gets: number) =>
      invoked(store, { facts, owner }, async () => {
        await sleep(1);
        count({ gets });
        await sleep(1);
        count({ gets });
      });
    await Promise.all([work(id, 1), work(`${id}b`, 10)]);
    expect([spentOn(id).gets, spentOn(`${id}b`).gets]).toEqual([2, 20]);
  });

  test('for several deployments is divided among them', async () => {
    for (const owner of [id, `${id}b`])
      await invokedInPart(store, { facts, owner }, 2, async () => store.clock.advance(100));
    expect(spentOn(id)).toEqual({ invocations: 0.5, lambdaMs: 50, gbSeconds: 0.05 });
    expect(spentOn(`${id}b`)).toEqual({ invocations: 0.5, lambdaMs: 50, gbSeconds: 0.05 });
  });
});

describe('the tally', () => {
  const writing = (units: object, on: StoreContext = store) =>
    workFor(on, { facts, owner: id }, async () => count(units));

  test('gets what is worth a write, and what it costs goes with the next', async () => {
    await writing({ writeUnits: 63 });
    expect(await takeTally(store, id)).toEqual({});
    await writing({ writeUnits: 9 });
    expect(inPurse(id)).toEqual({ writeUnits: 1, calls: 1 });
    expect(await takeTally(store, id)).toEqual({ writeUnits: 72 });
    expect(await takeTally(store, id)).toEqual({});
  });

  test('adds up what many processes spend, and is taken once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => addToTally(store, id, { posts: 3, gbSeconds: 0.25 })));
    await collectTally(store, id);
    await collectTally(store, id);
    expect(spentOn(id)).toEqual({ posts: 15, gbSeconds: 1.25 });
  });

  test('that cannot be written loses nothing and fails nothing', async () => {
    const broken = { ...store, liveTable: 'no-such-table' };
    await writing(MUCH, broken);
    await collectTally(broken, id);
    expect(spentOn(id)).toMatchObject(MUCH);
  });

  test('is written so seldom that counting costs a thirtieth of what it counts', async () => {
    for (let post = 0; post < 200; post += 1) await writing({ requests: 1, writeUnits: 1 });
    const { writeUnits = 0, requests = 0 } = (await takeTally(store, id)) as Record<string, number>;
    const counting = (writeUnits - requests) * PRICES.each.writeUnits;
    expect(requests).toBeGreaterThan(180);
    expect(counting).toBeLessThan((requests * (PRICES.each.requests + PRICES.each.writeUnits)) / 30);
  });
});
