import { beforeEach, describe, expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { requestCancel } from '../../../shared/store/cancel.ts';
import type { Created } from '../../../shared/store/deployment-creation.ts';
import { changeDeployment, requireDeployment } from '../../../shared/store/deployments.ts';
import { deleteItem, transact } from '../../../shared/store/engine.ts';
import { admitFirst, takeFreeSlot, waitAt } from '../../../shared/store/gate-places.ts';
import { environmentKey } from '../../../shared/store/keys.ts';
import { leaveLine } from '../../../shared/store/line.ts';
import { cancelSuperseded } from '../../../shared/store/supersede.ts';
import type { Given } from '../../support/given.ts';
import { anybody, CANCELED, Line } from '../../support/line.ts';
import type { TestStore } from '../../support/store.ts';

let queue: Line;
let store: TestStore;
let given: Given;
beforeEach(async () => {
  queue = await Line.fresh();
  ({ store, given } = queue);
});

const create = (...how: Parameters<Line['create']>) => queue.create(...how);
const idOf = async (created: Promise<Created>) => (await created).deployment.id;
const found = () => queue.found();
const waiting = () => queue.waiting();
const end = (...how: Parameters<Line['end']>) => queue.end(...how);
const seenBy = (id: string) => queue.seenBy(id);

describe('a settlement', () => {
  test('hands the slot to the first in line: a fence above the last, a wake, a deadline, and no place any more', async () => {
    const owner = await idOf(create());
    const next = await idOf(create());
    const last = await idOf(create());
    const before = (await found()).slot;
    await end(owner);
    const { slot } = await found();
    expect(slot).toMatchObject({ owner: next, fence: before.fence + 1, reason: 'deploy' });
    expect(slot.line).toBeGreaterThan(before.line);
    expect(await requireDeployment(store, next)).toMatchObject({ fence: slot.fence, wake: 1, seen: 0 });
    expect((await requireDeployment(store, next)).deadlines.stage).toBe(store.clock.now() + 900_000);
    expect(await waiting()).toEqual([last]);
  });

  test('of one that waits takes it out of the line and leaves the slot as it is', async () => {
    const owner = await idOf(create());
    const second = await idOf(create());
    const third = await idOf(create());
    const before = (await found()).slot;
    await end(second);
    const { slot } = await found();
    expect(slot).toEqual({ ...before, line: before.line + 1 });
    expect(slot.owner).toBe(owner);
    expect(await waiting()).toEqual([third]);
  });

  test('of one that never had slot or place changes neither', async () => {
    await create();
    const outside = await idOf(create('queue', { waitsFor: 'people' }));
    const before = await found();
    await end(outside);
    expect(await found()).toEqual(before);
  });

  test('passes over who may not have it, who is on its way out, and who lost its place', async () => {
    const owner = await idOf(create());
    const frozen = await idOf(create());
    const canceled = await idOf(create());
    const last = await idOf(create());
    await requestCancel(store, canceled, { by: 'ann' });
    await end(owner, CANCELED, ({ id }) => id !== frozen);
    expect((await found()).slot.owner).toBe(last);
    expect(await waiting()).toEqual([frozen, canceled]);
  });

  test('that finds nobody who may have it has the first find out until when, once', async () => {
    const owner = await idOf(create());
    const first = await idOf(create());
    const second = await idOf(create());
    await end(owner, CANCELED, () => false);
    expect((await found()).slot.owner).toBeUndefined();
    expect((await requireDeployment(store, first)).wake).toBe(1);
    expect((await requireDeployment(store, second)).wake).toBe(0);

    // It is held, and knows until when: its leaving behind wakes whoever is first then.
    const held = await requireDeployment(store, first);
    await changeDeployment(store, held, { status: 'held', seen: held.wake });
    await end(first, CANCELED, () => false);
    expect((await requireDeployment(store, second)).wake).toBe(1);
  });

  test('that drains keeps the slot', async () => {
    const owner = await idOf(create());
    const next = await idOf(create());
    const error = deploymentError({ code: 'TIMEOUT', stage: 'settle', message: 'It did not come to rest.' });
    await end(owner, { status: 'timeout', error, releaseState: 'none', active: 'same', draining: true });
    expect((await found()).slot.owner).toBe(owner);
    await end(owner, { status: 'timeout', error, releaseState: 'none', active: 'same', draining: false });
    expect((await found()).slot.owner).toBe(next);
  });

  test('goes on while others join and leave: nobody is lost and nobody comes in twice', async () => {
    let open = [await idOf(create())];
    for (let round = 0; round < 6; round += 1) {
      const { slot } = await found();
      const leaving = open.filter((id) => id !== slot.owner).slice(0, 1);
      const [joined] = await Promise.all([
        Promise.all(Array.from({ length: 4 }, () => idOf(create()))),
        ...(slot.owner === undefined ? [] : [end(slot.owner)]),
        ...leaving.map((id) => leaveWhateverHappens(id)),
      ]);
      open = [...open, ...joined];
      const records = await Promise.all(open.map((id) => requireDeployment(store, id)));
      open = records.filter(({ status }) => !isTerminal(status)).map(({ id }) => id);
      const after = await found();
      const line = await waiting();
      expect(after.slot.owner).toBeDefined();
      expect([after.slot.owner, ...line].sort()).toEqual([...open].sort());
      expect(new Set(after.line.map(({ ticket }) => ticket)).size).toBe(line.length);
      expect(records.find(({ id }) => id === after.slot.owner)?.fence).toBe(after.slot.fence);
    }
  });
});

/** A settlement of one that may be handed the slot at this moment decides again, as the steps do. */
async function leaveWhateverHappens(id: string): Promise<void> {
  for (;;) {
    try {
      await end(id);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}

describe('a gate', () => {
  test('that owns the slot and has to wait gives it back, keeps its number, and is next again', async () => {
    const held = await idOf(create());
    const next = await idOf(create());
    await waitAt(store, await seenBy(held), 'line', { status: 'held' }, ({ id }) => id !== held);
    expect((await found()).slot.owner).toBe(next);
    expect(await waiting()).toEqual([held]);
    const late = await idOf(create());
    expect(await waiting()).toEqual([held, late]);
    await end(next);
    expect((await found()).slot).toMatchObject({ owner: held, fence: 3 });
    expect((await requireDeployment(store, held)).fence).toBe(3);
  });

  test('that has to wait for people leaves the line, and comes back to its place', async () => {
    await create();
    const first = await idOf(create());
    const second = await idOf(create());
    await waitAt(store, await seenBy(first), 'outside', { status: 'awaiting-approval' }, anybody);
    expect(await waiting()).toEqual([second]);
    await waitAt(store, await seenBy(first), 'line', { status: 'queued' }, anybody);
    expect(await waiting()).toEqual([first, second]);
  });

  test('takes a free slot where nobody stands in line, and admits the first where somebody does', async () => {
    const outside = await idOf(create('queue', { waitsFor: 'people' }));
    await takeFreeSlot(store, await seenBy(outside));
    expect((await found()).slot).toMatchObject({ owner: outside, fence: 1 });

    const first = await idOf(create());
    await end(outside, CANCELED, () => false);
    expect(await admitFirst(store, await found(), () => false)).toBe(false);
    expect(await admitFirst(store, await found(), anybody)).toBe(true);
    expect((await found()).slot.owner).toBe(first);
  });

  test('that decided on a line which has moved writes nothing', async () => {
    const owner = await idOf(create());
    const first = await idOf(create());
    const stale = await seenBy(owner);
    await create();
    await expect(waitAt(store, stale, 'line', { status: 'held' }, anybody)).rejects.toThrow(ConditionFailed);
    expect((await found()).slot.owner).toBe(owner);
    const gone = (await found()).line[0];
    if (gone === undefined) throw new Error('nobody waits');
    await transact(store, [leaveLine(gone)]);
    await expect(transact(store, [leaveLine(gone)])).rejects.toThrow(ConditionFailed);
    expect(gone.deploymentId).toBe(first);
  });

  test('takes no slot of an environment that was deleted', async () => {
    const outside = await idOf(create('queue', { waitsFor: 'people' }));
    const seen = await seenBy(outside);
    const { project, environment } = given;
    await deleteItem(store, environmentKey(project.id, environment.name), {
      expression: 'attribute_exists(pk)',
    });
    await expect(takeFreeSlot(store, seen)).rejects.toThrow(ConditionFailed);
    expect((await found()).slot.owner).toBeUndefined();
  });
});

describe('`supersede`', () => {
  test('takes the place of what waits for people too, which never gets the slot', async () => {
    await create('supersede');
    const old = await idOf(create('supersede', { waitsFor: 'people' }));
    const waitingNow = await seenBy(old);
    await waitAt(store, waitingNow, 'outside', { status: 'awaiting-approval' }, anybody);
    const newer = await idOf(create('supersede'));
    const { slot } = await found();
    const ticket = (await requireDeployment(store, old)).ticket ?? 0;
    expect(ticket).toBeLessThan(slot.superseded?.before ?? 0);
    expect(slot.superseded?.by).toBe(newer);
    await cancelSuperseded(store, await requireDeployment(store, newer));
    expect((await requireDeployment(store, old)).cancelRequested).toMatchObject({ code: 'SUPERSEDED' });
  });

  test('does not touch who owns the slot, nor a rollback', async () => {
    const owner = await idOf(create('supersede'));
    const rollback = await idOf(create('supersede', { type: 'rollback' }));
    await create('supersede');
    for (const id of [owner, rollback]) {
      expect((await requireDeployment(store, id)).cancelRequested).toBeUndefined();
    }
  });
});
