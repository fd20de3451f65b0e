import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { FenceLost } from '../../../shared/errors/deployments.ts';
import { InternalError } from '../../../shared/errors/requests.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { count, onAccount } from '../../../shared/platform/account.ts';
import { createDeployment } from '../../../shared/store/deployment-creation.ts';
import {
  assertCallMayChange,
  assertRestoreMayChange,
  beginCall,
  beginRestore,
  beginStage,
  changeDeployment,
  changeWith,
  endCall,
  failStage,
  finishStage,
  getSlot,
  markPublished,
  noteClaim,
  reportProgress,
  requireDeployment,
  wakeGate,
} from '../../../shared/store/deployments.ts';
import { takenBy } from '../../../shared/store/slot.ts';
import { dueDeployments, unannouncedDeployments } from '../../../shared/store/work.ts';
import { aDeployment } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
let number = 0;
beforeAll(async () => {
  store = await freshStore();
});

/** A stored deployment that owns the slot of an environment of its own. */
async function stored(changes: Partial<Deployment> = {}): Promise<Deployment> {
  number += 1;
  const id = `dep_${store.random.ulid(store.clock.now())}`;
  const environment = `env-${number}`;
  // The test's own changes keep the union's member: nothing here ends a deployment.
  const deployment = aDeployment({ ...(changes as Partial<Deployment & object>), id, environment } as never);
  const free = await getSlot(store, deployment.projectId, environment);
  const taken = takenBy(free, id, deployment.createdAt, 'deployment');
  await createDeployment(store, { deployment, free, taken }, []);
  return deployment;
}
const entry = (enteredAt = '2025-01-15T12:00:01.000Z') => ({ executionArn: 'arn:x', enteredAt });
const failure = (code: 'BUILD_FAILED' | 'TIMEOUT', message = 'No.') =>
  deploymentError({ code, stage: 'build', message });
async function all<T>(generator: AsyncGenerator<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of generator) found.push(one);
  return found;
}

describe('changing a deployment', () => {
  test('raises the revision by one and keeps what the change does not name', async () => {
    const before = await stored();
    const after = await changeDeployment(store, before, { note: 'moved' });
    expect(after).toMatchObject({ revision: 2, note: 'moved', fence: before.fence });
    expect(await requireDeployment(store, before.id)).toEqual(after);
  });

  test('on an old revision is refused', async () => {
    const before = await stored();
    await changeDeployment(store, before, { note: 'first' });
    await expect(changeDeployment(store, before, { note: 'second' })).rejects.toThrow(ConditionFailed);
  });

  test('by twenty at once loses none, and raises the revision twenty times', async () => {
    const { id } = await stored();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        changeWith(store, id, (current) => ({ calls: { ...current.calls, [`c${n}`]: 1 } })),
      ),
    );
    const after = await requireDeployment(store, id);
    expect(Object.keys(after.calls)).toHaveLength(20);
    expect(after.revision).toBe(21);
  });

  test('against the transition table is refused', async () => {
    const deployment = await stored();
    await expect(changeDeployment(store, deployment, { status: 'verifying' })).rejects.toThrow(InternalError);
  });

  test('never takes progress back', async () => {
    const { id } = await stored();
    await reportProgress(store, id, { progress: 40 });
    await changeWith(store, id, () => ({ progress: 10 }));
    expect((await requireDeployment(store, id)).progress).toBe(40);
  });

  test('takes what was consumed along in the cost', async () => {
    const { id } = await stored();
    await onAccount({ owner: id }, async () => {
      count({ writeUnits: 5, posts: 2, lambdaMs: 100 });
      const after = await changeWith(store, id, () => ({ note: 'x' }));
      // One strong read of the record besides, before the write.
      expect(after.cost).toMatchObject({ readUnits: 1, writeUnits: 5, posts: 2, lambdaMs: 100, calls: 1 });
      expect(after.cost.control).toBeGreaterThan(0);
    });
  });
});

describe('the slot', () => {
  test('is taken by one of many at once, and its fence rises', async () => {
    const deployment = await stored();
    const slot = await getSlot(store, deployment.projectId, deployment.environment);
    expect(slot).toMatchObject({ owner: deployment.id, fence: 1, line: 1 });

    number += 1;
    const environment = `env-${number}`;
    const free = await getSlot(store, deployment.projectId, environment);
    const tries = Array.from({ length: 10 }, () => {
      const id = `dep_${store.random.ulid(store.clock.now())}`;
      const taken = takenBy(free, id, deployment.createdAt, 'deployment');
      const made = aDeployment({ id, environment });
      return createDeployment(store, { deployment: made, free, taken }, []);
    });
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of settled) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConditionFailed);
    }
  });
});

describe('an intent', () => {
  test('is there until its outcome is known', async () => {
    const { id, fence } = await stored();
    const until = store.clock.now() + 60_000;
    expect((await beginCall(store, id, fence, 'a', until)).calls).toEqual({ a: until });
    await assertCallMayChange(store, id, fence, 'a');
    expect((await endCall(store, id, 'a')).calls).toEqual({});
    await expect(assertCallMayChange(store, id, fence, 'a')).rejects.toThrow(FenceLost);
  });

  test('that activates marks the deployment for good', async () => {
    const { id, fence } = await stored();
    await beginCall(store, id, fence, 'a', 1, { activates: true });
    expect((await endCall(store, id, 'a')).activating).toBe(true);
    await beginCall(store, id, fence, 'b', 1);
    expect((await requireDeployment(store, id)).activating).toBe(true);
  });

  test('of another fence, or while it is canceled or settled, is refused', async () => {
    const { id, fence } = await stored();
    await expect(beginCall(store, id, fence + 1, 'a', 1)).rejects.toThrow(FenceLost);
    await changeWith(store, id, () => ({ cancelRequested: { at: 'now', by: 'ann' } }));
    await expect(beginCall(store, id, fence, 'a', 1)).rejects.toThrow(FenceLost);
    const other = await stored();
    await beginCall(store, other.id, 1, 'a', store.clock.now() + 1000);
    await changeWith(store, other.id, () => ({ settling: { at: 'now', by: 'machine' } }));
    await expect(assertCallMayChange(store, other.id, 1, 'a')).rejects.toThrow(FenceLost);
    await expect(beginCall(store, other.id, 1, 'b', 1)).rejects.toThrow(FenceLost);
    // What was on the wire when the settlement began can still say that it has come back.
    expect((await endCall(store, other.id, 'a')).calls).toEqual({});
  });

  test('of a switch back is the settlement alone', async () => {
    const { id, fence } = await stored();
    const until = store.clock.now() + 1000;
    await expect(beginRestore(store, id, 'now', until)).rejects.toThrow(FenceLost);
    await changeWith(store, id, () => ({ settling: { at: 'now', by: 'machine' } }));
    await expect(assertRestoreMayChange(store, id, fence)).rejects.toThrow(FenceLost);
    const { attempt } = await beginRestore(store, id, 'now', until);
    await assertRestoreMayChange(store, id, fence);
    await expect(assertRestoreMayChange(store, id, fence + 1)).rejects.toThrow(FenceLost);
    await endCall(store, id, attempt);
    expect((await requireDeployment(store, id)).undo).toEqual({ at: 'now', attempts: 1 });
  });
});

describe('a stage', () => {
  test('that begins sets status, deadline, execution and one transition; a retry is one more attempt only', async () => {
    const { id } = await stored({ status: 'initializing' });
    await beginStage(store, id, 'build', entry());
    const again = await beginStage(store, id, 'build', entry());
    expect(again).toMatchObject({ status: 'building', stage: 'build', executionArn: 'arn:x' });
    expect(again.cost.transitions).toBe(1);
    expect(again.stages.find(({ name }) => name === 'build')).toMatchObject({
      status: 'running',
      attempts: 2,
    });
    expect(again.deadlines.stage).toBe(store.clock.now() + (600 + 1800) * 1000);
  });

  test('that is done stays done when its state is tried again', async () => {
    const { id } = await stored({ status: 'building' });
    await beginStage(store, id, 'build', entry());
    await finishStage(store, id, 'build', { facts: { runner: 'r' } });
    const again = await beginStage(store, id, 'build', entry());
    expect(again.stages.find(({ name }) => name === 'build')).toMatchObject({
      status: 'succeeded',
      attempts: 1,
    });
    expect(again.progress).toBe(50);
  });

  test('does not begin while the deployment is ending', async () => {
    const { id } = await stored({ status: 'initializing' });
    await changeWith(store, id, () => ({ settling: { at: 'now', by: 'machine' } }));
    await expect(beginStage(store, id, 'build', entry())).rejects.toThrow(FenceLost);
  });

  test('that fails leaves the first reason', async () => {
    const { id } = await stored({ status: 'building' });
    await failStage(store, id, failure('BUILD_FAILED', 'first'));
    await failStage(store, id, failure('TIMEOUT', 'second'));
    expect((await requireDeployment(store, id)).failure).toMatchObject({
      code: 'BUILD_FAILED',
      message: 'first',
    });
  });

  test('that is done does not fail any more: it was a late attempt that did', async () => {
    const { id } = await stored({ status: 'building' });
    await beginStage(store, id, 'build', entry());
    await finishStage(store, id, 'build');
    await failStage(store, id, failure('BUILD_FAILED', 'late'));
    const record = await requireDeployment(store, id);
    expect(record.failure).toBeUndefined();
    expect(record.stages.find(({ name }) => name === 'build')).toMatchObject({ status: 'succeeded' });
  });

  test('whose job is claimed waits for heartbeats instead of a claim', async () => {
    const { id } = await stored({ status: 'building', stage: 'build', deadlines: { claim: 1, total: 9e15 } });
    const { deadlines, runner } = await noteClaim(store, id, {
      runner: 'laptop',
      jobKey: `${id}.build.0`,
      workSeconds: 1800,
    });
    expect(runner).toBe('laptop');
    expect(deadlines).toEqual({
      total: 9e15,
      heartbeat: store.clock.now() + 60_000,
      stage: store.clock.now() + 1800_000,
    });
  });

  test('that ends a wait of the gate raises its wake in the same write', async () => {
    const { id } = await stored();
    const woken = await wakeGate(store, id, () => ({ note: 'found' }));
    expect(woken).toMatchObject({ wake: 1, seen: 0, note: 'found', revision: 2 });
  });
});

describe('the work index', () => {
  test('lists a deployment from its next moment on, and not before', async () => {
    const { id } = await stored();
    const moment = store.clock.now() + 5000;
    await changeWith(store, id, () => ({ executionArn: 'arn:x', deadlines: { stage: moment } }));
    expect(await all(dueDeployments(store, moment - 1))).not.toContain(id);
    expect(await all(dueDeployments(store, moment))).toContain(id);
  });

  test('lists it too early rather than being moved by little; what waits for long it lists later', async () => {
    const { id } = await stored();
    const moment = store.clock.now() + 5000;
    await changeWith(store, id, () => ({ executionArn: 'arn:x', deadlines: { stage: moment } }));
    await changeWith(store, id, () => ({ deadlines: { stage: moment + 1000 } }));
    expect(await all(dueDeployments(store, moment))).toContain(id);
    const wait = moment + 3_600_000;
    await changeWith(store, id, () => ({ status: 'held', deadlines: { wait } }));
    expect(await all(dueDeployments(store, wait - 1))).not.toContain(id);
    expect(await all(dueDeployments(store, wait))).toContain(id);
  });
});

describe('what was announced', () => {
  test('is noted without a new revision, and takes the deployment off the list', async () => {
    const { id } = await stored();
    const later = store.clock.now() + 1000;
    expect(await all(unannouncedDeployments(store, later))).toContain(id);
    await markPublished(store, id, 0, 1);
    expect(await requireDeployment(store, id)).toMatchObject({ published: 1, revision: 1 });
    expect(await all(unannouncedDeployments(store, later))).not.toContain(id);
  });

  test('is not lost when a change that was read before it is written after it', async () => {
    const deployment = await stored();
    await markPublished(store, deployment.id, 0, 1);
    await changeDeployment(store, deployment, { note: 'x' });
    expect(await requireDeployment(store, deployment.id)).toMatchObject({ published: 1, revision: 2 });
  });

  test('is noted by a change of its own where it is progress and nothing else is left to announce', async () => {
    const { id } = await stored();
    await changeWith(store, id, () => ({ note: 'behind the creation' }));
    expect(await requireDeployment(store, id)).toMatchObject({ published: 0, revision: 2 });
    await markPublished(store, id, 0, 2);
    await changeWith(store, id, () => ({ note: 'progress' }));
    expect(await requireDeployment(store, id)).toMatchObject({ published: 3, revision: 3 });
    expect(await all(unannouncedDeployments(store, store.clock.now() + 1000))).not.toContain(id);
    await changeWith(store, id, () => ({ status: 'held' }));
    expect(await requireDeployment(store, id)).toMatchObject({ published: 3, revision: 4 });
    expect(await all(unannouncedDeployments(store, store.clock.now() + 1000))).toContain(id);
    await markPublished(store, id, 3, 4);
    expect(await requireDeployment(store, id)).toMatchObject({ published: 4, revision: 4 });
  });

  test('behind something that was not announced is not noted, so the sweep finds it', async () => {
    const { id } = await stored();
    await changeWith(store, id, () => ({ note: 'not announced' }));
    await changeWith(store, id, () => ({ note: 'announced' }));
    await markPublished(store, id, 2, 3);
    expect((await requireDeployment(store, id)).published).toBe(0);
    expect(await all(unannouncedDeployments(store, store.clock.now() + 1000))).toContain(id);
  });

  test('of an older revision is noted, and the newer one stays on the list', async () => {
    const { id } = await stored();
    await changeWith(store, id, () => ({ note: 'newer' }));
    await markPublished(store, id, 0, 1);
    expect((await requireDeployment(store, id)).published).toBe(1);
    expect(await all(unannouncedDeployments(store, store.clock.now() + 1000))).toContain(id);
  });
});
