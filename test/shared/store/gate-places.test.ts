import { beforeEach, describe, expect, test } from 'vitest';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { deleteItem } from '../../../shared/store/engine.ts';
import { admitFirst, takeFreeSlot, waitAt } from '../../../shared/store/gate-places.ts';
import { environmentKey } from '../../../shared/store/keys.ts';
import { anybody, CANCELED, Line, nobody } from '../../support/line.ts';

let line: Line;
beforeEach(async () => {
  line = await Line.fresh();
});
const outside = () => line.idOf('queue', { waitsFor: 'people' });
const HELD = { status: 'held', note: 'until Monday' } as const;
const ASKING = { status: 'awaiting-approval', note: 'two are missing' } as const;
const wait = async (
  id: string,
  place: 'line' | 'outside',
  changes: typeof HELD | typeof ASKING = place === 'line' ? HELD : ASKING,
  admissible = anybody,
) => waitAt(line.store, await line.seenBy(id), place, changes, admissible);

describe('a gate that takes a free slot', () => {
  test('owns it under the next fence, and keeps its number', async () => {
    const id = await outside();
    const before = await line.slot();
    line.store.clock.advance(1000);
    const now = line.store.clock.now();
    await takeFreeSlot(line.store, await line.seenBy(id));
    expect(await line.slot()).toEqual({
      ...before,
      owner: id,
      since: isoTime(now),
      reason: 'deploy',
      fence: before.fence + 1,
      line: before.line + 1,
    });
    const record = await line.record(id);
    expect(record).toMatchObject({ fence: before.fence + 1, ticket: 1, wake: 0 });
    expect(record.deadlines.stage).toBe(now + 900_000);
  });

  test('gets a number with it where it has none, and no number is given twice', async () => {
    const timed = await line.idOf('queue', { waitsFor: 'time' });
    expect((await line.record(timed)).ticket).toBeUndefined();
    await takeFreeSlot(line.store, await line.seenBy(timed));
    expect((await line.record(timed)).ticket).toBe(1);
    expect(await line.slot()).toMatchObject({ owner: timed, ticket: 1 });
    expect((await line.record(await outside())).ticket).toBe(2);
  });
});

describe('the first of a line', () => {
  test('is admitted where the slot is free, and nothing is written where nobody may', async () => {
    const owner = await line.idOf();
    const first = await line.idOf();
    await line.end(owner, CANCELED, nobody);
    const before = await line.found();
    expect(await admitFirst(line.store, before, nobody)).toBe(false);
    expect(await line.found()).toEqual(before);
    expect(await admitFirst(line.store, before, anybody)).toBe(true);
    const slot = await line.slot();
    expect(slot).toMatchObject({ owner: first, fence: before.slot.fence + 1 });
    expect(slot.line).toBeGreaterThan(before.slot.line);
    expect(await line.waiting()).toEqual([]);
    expect(await line.record(first)).toMatchObject({ fence: slot.fence });
  });
});

describe('a gate that goes on waiting where it waits', () => {
  test('in line notes why on its record, and moves neither slot nor line', async () => {
    await line.idOf();
    const id = await line.idOf();
    const before = await line.found();
    const { revision } = await line.record(id);
    await wait(id, 'line');
    expect(await line.found()).toEqual(before);
    expect(await line.record(id)).toMatchObject({ ...HELD, revision: revision + 1, wake: 0 });
  });

  test('outside does so too', async () => {
    const id = await outside();
    const before = await line.found();
    await wait(id, 'outside');
    expect(await line.found()).toEqual(before);
    expect(await line.record(id)).toMatchObject(ASKING);
  });
});

describe('a gate that changes its place', () => {
  test('joins the line under the number that it has, once and behind who was there', async () => {
    await line.idOf();
    const id = await outside();
    const other = await line.idOf();
    line.store.clock.advance(1000);
    const { line: was } = await line.slot();
    await wait(id, 'line');
    expect(await line.waiting()).toEqual([id, other]);
    expect(await line.waiter(id)).toMatchObject({ ticket: 2, since: isoTime(line.store.clock.now()) });
    expect(await line.record(id)).toMatchObject({ ...HELD, ticket: 2 });
    expect((await line.slot()).line).toBe(was + 1);
  });

  test('joins it under the next number where it has none', async () => {
    await line.idOf();
    const timed = await line.idOf('queue', { waitsFor: 'time' });
    await wait(timed, 'line');
    expect(await line.waiter(timed)).toMatchObject({ ticket: 2 });
    expect(await line.record(timed)).toMatchObject({ ticket: 2 });
    expect((await line.slot()).ticket).toBe(2);
  });

  test('takes the place of who waits with a lower number by the number that it draws, under `supersede`', async () => {
    await line.idOf();
    const timed = await line.idOf('supersede', { waitsFor: 'time' });
    const found = await line.seenBy(timed, 'supersede');
    await waitAt(line.store, found, 'line', HELD, anybody);
    expect((await line.slot()).superseded).toEqual({ before: 2, by: timed });
  });

  test('joins no line of an environment that was deleted', async () => {
    await line.idOf();
    const id = await outside();
    const { project, environment } = line.given;
    await deleteItem(line.store, environmentKey(project.id, environment.name), {
      expression: 'attribute_exists(pk)',
    });
    await expect(wait(id, 'line')).rejects.toThrow(ConditionFailed);
    expect(await line.waiting()).toEqual([]);
  });

  test('leaves the line and keeps its number; what it leaves behind stays in order', async () => {
    const owner = await line.idOf();
    const [first, second] = [await line.idOf(), await line.idOf()];
    await wait(first, 'outside');
    expect(await line.waiting()).toEqual([second]);
    expect(await line.record(first)).toMatchObject({ ...ASKING, ticket: 2 });
    expect((await line.slot()).owner).toBe(owner);
  });

  test('leaves it while the slot is free: the next gets that, and not the one that left', async () => {
    const owner = await line.idOf();
    const [first, second] = [await line.idOf(), await line.idOf()];
    await line.end(owner, CANCELED, nobody);
    await wait(first, 'outside');
    expect((await line.slot()).owner).toBe(second);
    expect(await line.waiting()).toEqual([]);
  });

  test('and has drawn no number yet waits outside without one', async () => {
    const timed = await line.idOf('queue', { waitsFor: 'time' });
    await takeFreeSlot(line.store, await line.seenBy(await line.idOf('queue', { waitsFor: 'people' })));
    await wait(timed, 'outside');
    expect((await line.record(timed)).ticket).toBeUndefined();
  });
});

describe('a gate that owns the slot and has to wait', () => {
  test('gives it to the next in line, and stands in line itself under its own number', async () => {
    const [owner, next] = [await line.idOf(), await line.idOf()];
    const { fence } = await line.slot();
    await wait(owner, 'line', HELD, ({ id }) => id !== owner);
    expect(await line.slot()).toMatchObject({ owner: next, fence: fence + 1 });
    expect(await line.waiting()).toEqual([owner]);
    expect(await line.waiter(owner)).toMatchObject({ ticket: 1 });
    expect(await line.record(owner)).toMatchObject({ ...HELD, ticket: 1 });
  });

  test('for people gives it to the next in line, and stands in no line', async () => {
    const [owner, next] = [await line.idOf(), await line.idOf()];
    await wait(owner, 'outside');
    expect((await line.slot()).owner).toBe(next);
    expect(await line.waiting()).toEqual([]);
    expect(await line.record(owner)).toMatchObject({ ...ASKING, ticket: 1 });
  });

  test('gives it to nobody where nobody else waits, not to itself either, and the line rises', async () => {
    const owner = await line.idOf();
    const before = await line.slot();
    await wait(owner, 'line');
    const slot = await line.slot();
    expect(slot).not.toHaveProperty('owner');
    expect(slot).toMatchObject({ fence: before.fence, line: before.line + 1, ticket: 1 });
    expect(await line.waiting()).toEqual([owner]);
  });
});
