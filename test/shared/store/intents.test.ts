import { beforeEach, describe, expect, test } from 'vitest';
import { FenceLost } from '../../../shared/errors/deployments.ts';
import { changeWith, type DeploymentChanges } from '../../../shared/store/deployments.ts';
import {
  assertCallMayChange,
  assertRestoreMayChange,
  barredFromChanging,
  beginCall,
  beginRestore,
  endCall,
} from '../../../shared/store/intents.ts';
import { CANCELED, Line } from '../../support/line.ts';
import { aDeployment } from '../../support/records.ts';

let line: Line;
let id: string;
/** The moment at which the tests stand (ms). */
let now: number;
beforeEach(async () => {
  line = await Line.fresh();
  id = await line.idOf();
  now = line.store.clock.now();
});
const change = (changes: DeploymentChanges) => changeWith(line.store, id, () => changes);
const settling = { at: 'now', by: 'machine' };
const facts = () => ({ deploymentId: id, fence: 1 });
/** A refusal in full: what an operator reads and what a log can be searched for. */
const refusal = (message: string, about: object) => ({
  name: FenceLost.name,
  message,
  facts: about,
});

describe('what bars a deployment from changing its target', () => {
  test('is nothing while it goes on under its own fence', () => {
    expect(barredFromChanging(aDeployment(), 1)).toBeUndefined();
  });

  test.each([
    ['it has ended (failed)', aDeployment({ status: 'failed' }), 1],
    ['its settlement has begun', aDeployment({ settling }), 1],
    ['its cancellation was asked for', aDeployment({ cancelRequested: { at: 'now', by: 'ann' } }), 1],
    ['it holds fence 1, the caller 2', aDeployment(), 2],
  ])('is said: %s', (reason, deployment, fence) => {
    expect(barredFromChanging(deployment, fence)).toBe(reason);
  });

  test('is said to whoever is refused, with the deployment and the fence', async () => {
    await change({ settling });
    const barred = refusal(`Deployment ${id} may not change its target: its settlement has begun.`, facts());
    await expect(beginCall(line.store, id, 1, 'a', now + 1)).rejects.toMatchObject(barred);
    await expect(assertCallMayChange(line.store, id, 1, 'a')).rejects.toMatchObject(barred);
    expect((await line.record(id)).calls).toEqual({});
  });
});

describe('the intent of a call', () => {
  test('stands beside those of others, and goes alone', async () => {
    await beginCall(line.store, id, 1, 'a', now + 1000);
    await beginCall(line.store, id, 1, 'b', now + 2000);
    expect((await line.record(id)).calls).toEqual({ a: now + 1000, b: now + 2000 });
    await endCall(line.store, id, 'a');
    expect((await line.record(id)).calls).toEqual({ b: now + 2000 });
  });

  test('marks the deployment as activating only where it activates, and for good', async () => {
    expect((await beginCall(line.store, id, 1, 'a', now)).activating).toBe(false);
    expect((await beginCall(line.store, id, 1, 'b', now, { activates: false })).activating).toBe(false);
    expect((await beginCall(line.store, id, 1, 'c', now, { activates: true })).activating).toBe(true);
    expect((await beginCall(line.store, id, 1, 'd', now)).activating).toBe(true);
  });

  test('that is not there ends without a write', async () => {
    const { revision } = await line.record(id);
    expect((await endCall(line.store, id, 'a')).revision).toBe(revision);
  });

  test('holds up to its last moment, and for no other call', async () => {
    await beginCall(line.store, id, 1, 'a', now + 1000);
    await expect(assertCallMayChange(line.store, id, 1, 'a')).resolves.toBeUndefined();
    await expect(assertCallMayChange(line.store, id, 1, 'b')).rejects.toMatchObject(
      refusal(`Deployment ${id} has no running intent for call b.`, { deploymentId: id, attempt: 'b' }),
    );
    line.store.clock.set(now + 999);
    await expect(assertCallMayChange(line.store, id, 1, 'a')).resolves.toBeUndefined();
    for (const late of [now + 1000, now + 1001]) {
      line.store.clock.set(late);
      await expect(assertCallMayChange(line.store, id, 1, 'a')).rejects.toThrow(FenceLost);
    }
  });
});

describe('the intent of a switch back', () => {
  const begin = (until = now + 1000) => beginRestore(line.store, id, 'then', until);
  const may = (fence = 1) => assertRestoreMayChange(line.store, id, fence);
  const NONE = () => refusal(`Deployment ${id} has no running intent to switch back.`, { deploymentId: id });

  test('is written by a settlement alone, and never once the deployment has ended', async () => {
    const refused = refusal(`Deployment ${id} is not being settled; nothing is to be switched back.`, {});
    await expect(begin()).rejects.toMatchObject(refused);
    await change({ settling });
    await line.end(id);
    await expect(begin()).rejects.toMatchObject(refused);
    expect((await line.record(id)).undo).toBeUndefined();
  });

  test('counts its attempts, each under a name of its own, from the moment of the first', async () => {
    await change({ settling, calls: { a: now - 1 } });
    expect(await begin(now + 1000)).toEqual({ attempt: 'restore-1' });
    expect(await beginRestore(line.store, id, 'later', now + 2000)).toEqual({ attempt: 'restore-2' });
    expect(await line.record(id)).toMatchObject({
      undo: { at: 'then', attempts: 2 },
      calls: { a: now - 1, 'restore-1': now + 1000, 'restore-2': now + 2000 },
    });
  });

  test('lets the call go out until its own last moment, whatever else is on the wire', async () => {
    await change({ settling, calls: { a: now + 9000 } });
    await expect(may()).rejects.toMatchObject(NONE());
    await begin(now + 1000);
    expect(await may()).toBe(now + 1000);
    line.store.clock.set(now + 999);
    expect(await may()).toBe(now + 1000);
    line.store.clock.set(now + 1000);
    await expect(may()).rejects.toMatchObject(NONE());
  });

  test('is worth nothing under another fence, outside of a settlement, or once it has ended', async () => {
    await change({ settling });
    await begin();
    await expect(may(2)).rejects.toMatchObject(NONE());
    await change({ settling: undefined });
    await expect(may()).rejects.toMatchObject(NONE());
    await change({ settling });
    expect(await may()).toBe(now + 1000);
    await line.end(id);
    await change({ calls: { 'restore-1': now + 1000 } });
    await expect(may()).rejects.toMatchObject(NONE());
  });

  test('is that of a settlement that goes on after the end, as long as that keeps the slot', async () => {
    await line.end(id, { ...CANCELED, draining: true });
    expect(await begin()).toEqual({ attempt: 'restore-1' });
    expect(await may()).toBe(now + 1000);
    await change({ draining: false });
    await expect(may()).rejects.toMatchObject(NONE());
    await expect(begin()).rejects.toThrow(FenceLost);
  });

  test('is none of one that still drains once a person has freed its slot', async () => {
    await line.end(id, { ...CANCELED, draining: true });
    expect(await begin()).toEqual({ attempt: 'restore-1' });
    await change({ slotReleased: { at: 'then', by: 'ann', reason: 'looked at it' } });
    await expect(may()).rejects.toMatchObject(NONE());
    await expect(begin()).rejects.toThrow(FenceLost);
  });
});
