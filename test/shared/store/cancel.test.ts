import { beforeAll, describe, expect, test } from 'vitest';
import { CANCEL_SECONDS, DRAIN_SECONDS } from '../../../shared/domain/deadlines.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { FenceLost } from '../../../shared/errors/deployments.ts';
import { requestCancel } from '../../../shared/store/cancel.ts';
import { beginCall, beginStage, changeWith } from '../../../shared/store/deployments.ts';
import { dueDeployments } from '../../../shared/store/work.ts';
import { type DeploymentFacts, type Given, givenDeployment, givenProject } from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
let given: Given;
beforeAll(async () => {
  store = await freshStore();
  given = await givenProject(store);
});

const ann = { by: 'ann', reason: 'wrong branch' };
const entry = { executionArn: 'arn:x', enteredAt: '2025-01-15T12:00:01.000Z' };
const isoNow = () => new Date(store.clock.now()).toISOString();
const waiting = (over: DeploymentFacts = {}) =>
  givenDeployment(store, given, { status: 'created', executionArn: 'arn:x', ...over });
const building = async () => {
  const { id } = await givenDeployment(store, given, { stage: 'build' });
  return beginStage(store, id, 'build', entry);
};

describe('the wish to cancel', () => {
  test('is written once: later ones change nothing, and get the answer of the first', async () => {
    const { id } = await building();
    const first = await requestCancel(store, id, ann);
    expect(first).toMatchObject({
      outcome: 'stopping',
      deployment: {
        status: 'canceling',
        cancelRequested: { at: isoNow(), ...ann },
        note: 'being canceled, asked for by ann: wrong branch',
      },
    });
    store.clock.advance(10_000);
    const again = await requestCancel(store, id, { by: 'bob', reason: 'another one' });
    expect(again).toEqual(first);
  });

  test('of twenty at once is one', async () => {
    const { id, revision } = await building();
    const wishes = Array.from({ length: 20 }, (_, n) => requestCancel(store, id, { by: `person-${n}` }));
    const answers = await Promise.all(wishes);
    expect(new Set(answers.map(({ deployment }) => deployment.cancelRequested?.by)).size).toBe(1);
    expect(new Set(answers.map(({ deployment }) => deployment.revision))).toEqual(new Set([revision + 1]));
  });

  test('bars every new stage and every new call', async () => {
    const { id, fence } = await building();
    await requestCancel(store, id, ann);
    await expect(beginStage(store, id, 'release', entry)).rejects.toThrow(FenceLost);
    await expect(beginCall(store, id, fence, 'activate-1', store.clock.now() + 1000)).rejects.toThrow(
      FenceLost,
    );
  });

  test('wakes a gate that waits, in the same write, and has nothing left to stop', async () => {
    const { id } = await waiting({ wake: 2, seen: 2 });
    const { outcome, until, deployment } = await requestCancel(store, id, ann);
    expect({ outcome, until, wake: deployment.wake }).toEqual({
      outcome: 'stopped',
      until: undefined,
      wake: 3,
    });
  });

  test('of a gate whose ref a runner looks up is stopping', async () => {
    const { id } = await waiting({ deadlines: { claim: store.clock.now() + 60_000 } });
    expect((await requestCancel(store, id, ann)).outcome).toBe('stopping');
  });

  test('puts the deployment before the sweep, whatever it was waiting for', async () => {
    const { id } = await waiting({ status: 'awaiting-approval', deadlines: {} });
    await requestCancel(store, id, ann);
    const due: string[] = [];
    for await (const found of dueDeployments(store, store.clock.now() + CANCEL_SECONDS * 1000))
      due.push(found);
    expect(due).toContain(id);
  });

  test.each(['scheduled', 'created', 'queued', 'awaiting-approval', 'held'] as const)(
    'is taken while the deployment is %s',
    async (status) => {
      const { id } = await waiting({ status });
      expect((await requestCancel(store, id, ann)).deployment.status).toBe('canceling');
    },
  );

  test.each(['initializing', 'building', 'deploying', 'verifying', 'canceling'] as const)(
    'is taken while the deployment is %s, even when its settlement has begun',
    async (status) => {
      const { id } = await givenDeployment(store, given, {
        status,
        stage: 'activate',
        activating: true,
        settling: { at: isoNow(), by: 'machine' },
      });
      const { outcome, until } = await requestCancel(store, id, ann);
      expect({ outcome, until }).toEqual({
        outcome: 'stopping',
        until: store.clock.now() + 60_000 + DRAIN_SECONDS * 1000,
      });
    },
  );

  test('of what has ended changes nothing', async () => {
    const { id } = await building();
    // Only the settlement writes an end; here it is enough that one stands there.
    const ended = await changeWith(store, id, () => ({ status: 'failed' }) as never);
    const { outcome, deployment } = await requestCancel(store, id, ann);
    expect(outcome).toBe('already-finished');
    expect(deployment).toEqual(ended);
  });

  test('that came too late for a repeat of itself is stopped, not already finished', async () => {
    const { id } = await building();
    await changeWith(store, id, () => ({ status: 'canceled' }) as never);
    expect((await requestCancel(store, id, ann)).outcome).toBe('stopped');
  });

  test('of a rule keeps its code, and leaves alone what its condition no longer holds for', async () => {
    const isWaiting = ({ stage }: Deployment) => stage === 'gate';
    const wish = {
      by: 'slipway',
      code: 'SUPERSEDED',
      reason: 'A newer one waits.',
      onlyIf: isWaiting,
    } as const;
    const running = await building();
    expect(await requestCancel(store, running.id, wish)).toMatchObject({
      outcome: 'left-alone',
      deployment: { status: 'building', revision: running.revision },
    });
    const queued = await waiting({ status: 'queued' });
    expect((await requestCancel(store, queued.id, wish)).deployment.cancelRequested).toMatchObject({
      by: 'slipway',
      code: 'SUPERSEDED',
      reason: 'A newer one waits.',
    });
  });
});
