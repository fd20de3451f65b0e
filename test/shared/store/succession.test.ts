import { beforeEach, describe, expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { changeWith, type DeploymentChanges } from '../../../shared/store/deployments.ts';
import { transact } from '../../../shared/store/engine.ts';
import { joinLine } from '../../../shared/store/line.ts';
import { rewriteSlot } from '../../../shared/store/slot.ts';
import { slotWithout, succession } from '../../../shared/store/succession.ts';
import { anybody, CANCELED, Line, nobody } from '../../support/line.ts';

let line: Line;
let owner: string;
beforeEach(async () => {
  line = await Line.fresh();
  owner = await line.idOf();
});
const change = (id: string, changes: DeploymentChanges) => changeWith(line.store, id, () => changes);
/** Wakes of the ones given, by which their gates know that they are to look. */
const wakes = (...all: string[]) => Promise.all(all.map(async (id) => (await line.record(id)).wake));

describe('who is handed a slot', () => {
  test('owns it under the next fence, from now on, with its gate’s own time before it', async () => {
    const next = await line.idOf('queue', { type: 'rollback' });
    await change(next, { deadlines: { total: 5, wait: 6, stage: 7 } });
    line.store.clock.advance(1000);
    const { fence } = await line.slot();
    await line.end(owner);
    const now = line.store.clock.now();
    expect(await line.slot()).toMatchObject({
      owner: next,
      since: isoTime(now),
      reason: 'rollback',
      fence: fence + 1,
    });
    expect(await line.record(next)).toMatchObject({ fence: fence + 1, wake: 1 });
    expect((await line.record(next)).deadlines).toEqual({ total: 5, stage: now + 900_000 });
  });

  const failure = deploymentError({ code: 'BUILD_FAILED', stage: 'build', message: 'Exit 7.' });
  test.each<[string, DeploymentChanges]>([
    ['is being settled', { settling: { at: 'now', by: 'machine' } }],
    ['is to be canceled', { cancelRequested: { at: 'now', by: 'ann' } }],
    ['has failed', { failure }],
  ])('is never one that %s: it leaves the line by its own end', async (_fact, changes) => {
    const leaving = await line.idOf();
    const next = await line.idOf();
    await change(leaving, changes);
    await line.end(owner);
    expect((await line.slot()).owner).toBe(next);
    expect(await line.waiting()).toEqual([leaving]);
  });

  test('is never one that has ended, nor one without a record, though both stand in line', async () => {
    const ended = await line.idOf();
    const place = await line.waiter(ended);
    await line.end(ended);
    const next = await line.idOf();
    await transact(line.store, [
      joinLine(place),
      joinLine({ ...place, ticket: 1, deploymentId: 'dep_gone' }),
    ]);
    await line.end(owner);
    expect((await line.slot()).owner).toBe(next);
    expect(await line.waiting()).toEqual(['dep_gone', ended]);
  });

  test('is never one that lost its place, though nobody has canceled it yet', async () => {
    const old = await line.idOf();
    const newer = await line.idOf();
    const slot = await line.slot();
    const superseded = { before: (await line.waiter(newer)).ticket, by: newer };
    await transact(line.store, [rewriteSlot(slot, { ...slot, superseded })]);
    await line.end(owner);
    expect((await line.slot()).owner).toBe(newer);
    expect(await line.waiting()).toEqual([old]);
  });
});

describe('where nobody may have the slot', () => {
  test('it is free, and nothing else is written where nobody stands in line', async () => {
    const { slot } = await line.found();
    expect(await succession(line.store, slot, [], anybody)).toEqual({ slot, writes: [] });
    await line.end(owner);
    expect((await line.slot()).owner).toBeUndefined();
  });

  test('the first finds out until when, and nobody behind it', async () => {
    const [first, second] = [await line.idOf(), await line.idOf()];
    await line.end(owner, CANCELED, nobody);
    expect(await wakes(first, second)).toEqual([1, 0]);
    expect((await line.slot()).owner).toBeUndefined();
    expect(await line.waiting()).toEqual([first, second]);
  });

  test.each<[string, DeploymentChanges, number]>([
    ['is held, and knows until when', { status: 'held' }, 0],
    ['was woken already, and has not looked yet', { wake: 4, seen: 3 }, 4],
  ])('the first is not woken where it %s', async (_fact, changes, wake) => {
    const [first, second] = [await line.idOf(), await line.idOf()];
    await change(first, changes);
    const { revision } = await line.record(first);
    await line.end(owner, CANCELED, nobody);
    expect(await line.record(first)).toMatchObject({ wake, revision });
    expect(await wakes(second)).toEqual([0]);
  });

  test('one that has looked at all its wakes is woken again', async () => {
    const first = await line.idOf();
    await change(first, { wake: 4, seen: 4 });
    await line.end(owner, CANCELED, nobody);
    expect(await wakes(first)).toEqual([5]);
  });
});

test('a slot of another stays with it when somebody leaves the line, and only its line rises', async () => {
  const { slot, line: others } = await line.found();
  expect(await slotWithout(line.store, slot, 'dep_leaving', others, anybody)).toEqual({
    slot: { ...slot, line: slot.line + 1 },
    writes: [],
  });
});
