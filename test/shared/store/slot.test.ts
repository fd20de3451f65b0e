import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Slot } from '../../../shared/domain/records.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { getItem, transact } from '../../../shared/store/engine.ts';
import { slotKey, waiterKey } from '../../../shared/store/keys.ts';
import { joinLine, leaveLine, waiterOf } from '../../../shared/store/line.ts';
import { freed, getSlot, rewriteSlot, slotWithLine, takenBy } from '../../../shared/store/slot.ts';
import { inBetween } from '../../support/in-between.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

const place = { projectId: 'prj_1', environment: 'production' };
const unused: Slot = { ...place, fence: 0, line: 0 };
const waiter = (ticket: number, type: 'deploy' | 'rollback' = 'deploy') =>
  waiterOf({ ...place, id: `dep_${ticket}`, type }, ticket, 'then');

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});
const slot = () => getSlot(store, place.projectId, place.environment);
const slotAndLine = (ctx: TestStore = store) => slotWithLine(ctx, place.projectId, place.environment);
const written = (read: Slot, next: Slot) => transact(store, [rewriteSlot(read, next)]);

describe('the slot of an environment', () => {
  test('that nothing was deployed to has no owner, and may have no item', async () => {
    expect(await slot()).toEqual(unused);
    expect(await slotAndLine()).toEqual({ slot: unused, line: [] });
    await transact(store, [joinLine(waiter(1))]);
    expect(await slotAndLine()).toEqual({ slot: unused, line: [waiter(1)] });
  });

  test('is read as it was written', async () => {
    const taken = takenBy(unused, 'dep_1', 'then', 'deploy');
    expect(taken).toEqual({ ...place, owner: 'dep_1', since: 'then', reason: 'deploy', fence: 1, line: 1 });
    await written(unused, taken);
    expect(await slot()).toEqual(taken);
    expect((await slotAndLine()).slot).toEqual(taken);
    expect(await getItem(store, slotKey(place.projectId, place.environment))).toMatchObject({
      kind: 'slot',
      v: 2,
    });
    expect(freed(taken)).toEqual({ ...place, fence: 1, line: 2 });
  });

  const owned = takenBy(unused, 'dep_1', 'then', 'deploy');
  const free = freed(owned);
  test.each<[string, Slot, Slot]>([
    ['free', free, free],
    ['owned', owned, owned],
    ['free without an item', unused, unused],
  ])('is rewritten where it stands as it was read: %s', async (_fact, stands, read) => {
    if (stands !== unused) await written(unused, stands);
    await written(read, { ...read, reason: 'rewritten' });
    expect((await slot()).reason).toBe('rewritten');
  });

  test.each<[string, Slot, Slot]>([
    ['somebody took it', owned, { ...owned, owner: undefined }],
    ['somebody gave it back', free, { ...free, owner: 'dep_1' }],
    ['somebody else has it', owned, { ...owned, owner: 'dep_2' }],
    ['its owner got it anew', owned, { ...owned, fence: 0 }],
    ['somebody had it meanwhile', free, { ...free, fence: 0 }],
    ['its line moved, and it is owned', owned, { ...owned, line: 0 }],
    ['its line moved, and it is free', free, { ...free, line: 1 }],
    ['somebody had it before anybody was known', free, unused],
  ])('is not rewritten where %s', async (_fact, stands, read) => {
    await written(unused, stands);
    await expect(written(read, { ...read, reason: 'rewritten' })).rejects.toThrow(ConditionFailed);
    expect(await slot()).toEqual(stands);
  });
});

describe('a line', () => {
  const numbers = [3, 1, 12, 2];
  const inOrder = [waiter(20, 'rollback'), waiter(1), waiter(2), waiter(3), waiter(12)];
  beforeEach(async () => {
    await written(unused, { ...unused, line: 1 });
    await transact(store, [...numbers.map((n) => joinLine(waiter(n))), joinLine(waiter(20, 'rollback'))]);
  });

  test('has rollbacks first and then goes by number, however many pages it takes to read it', async () => {
    expect(await slotAndLine()).toEqual({ slot: { ...unused, line: 1 }, line: inOrder });
    const bySingles = inBetween(store, (command) => {
      if (command instanceof QueryCommand) command.input.Limit = 1;
    });
    expect(await slotAndLine(bySingles)).toEqual({ slot: { ...unused, line: 1 }, line: inOrder });
  });

  test('is read strongly on every page, as the slot is: decisions rest on both', async () => {
    const reads: boolean[] = [];
    const watched = inBetween(store, (command) => {
      if (command instanceof QueryCommand) {
        command.input.Limit = 2;
        reads.push(command.input.ConsistentRead === true);
      }
      if (command instanceof GetItemCommand) reads.push(command.input.ConsistentRead === true);
    });
    await slotAndLine(watched);
    await getSlot(watched, place.projectId, place.environment);
    expect(reads.length).toBeGreaterThan(3);
    expect(reads).not.toContain(false);
  });

  test('gives a number once, and is left once', async () => {
    await expect(transact(store, [joinLine({ ...waiter(2), deploymentId: 'dep_other' })])).rejects.toThrow(
      ConditionFailed,
    );
    await transact(store, [leaveLine(waiter(2))]);
    await expect(transact(store, [leaveLine(waiter(2))])).rejects.toThrow(ConditionFailed);
    expect((await slotAndLine()).line).toEqual(inOrder.filter(({ ticket }) => ticket !== 2));
  });

  test('is kept as items of a kind and a version', async () => {
    const key = waiterKey(place.projectId, place.environment, waiter(12));
    expect(await getItem(store, key)).toEqual({ ...key, kind: 'waiter', v: 1, ...waiter(12) });
  });
});
