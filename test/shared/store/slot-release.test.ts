import { beforeEach, expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { releaseSlot } from '../../../shared/store/slot-release.ts';
import { Line } from '../../support/line.ts';

let line: Line;
beforeEach(async () => {
  line = await Line.fresh();
});
const release = () =>
  releaseSlot(
    line.store,
    { projectId: line.given.project.id, environment: line.given.environment.name },
    { by: 'ann', reason: 'looked at the target' },
  );
/** Ends, and keeps the slot because its target has not come to rest. */
async function draining(): Promise<string> {
  const id = await line.idOf();
  await drains(id);
  return id;
}

async function drains(id: string): Promise<void> {
  const error = deploymentError({ code: 'TIMEOUT', stage: 'settle', message: 'It did not come to rest.' });
  await line.end(id, { status: 'timeout', error, releaseState: 'none', active: 'same', draining: true });
}

test('a slot that nobody has is not there to be freed', async () => {
  await expect(release()).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message: 'No deployment has the slot of production.',
    suggestion: 'There is nothing to free: start the next deployment.',
    facts: { environment: 'production' },
  });
});

test('a slot of one that has not ended is freed by its end, and by nobody before', async () => {
  const id = await line.idOf();
  const slot = await line.slot();
  await expect(release()).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message: `Deployment ${id} is changing production (created).`,
    suggestion: `Cancel it: slipway cancel ${id}. Its end frees the slot.`,
    facts: { environment: 'production', deploymentId: id },
  });
  expect(await line.slot()).toEqual(slot);
});

test('a slot of one that has ended and drains is freed, and its record says who did it, when and why', async () => {
  const id = await draining();
  const { line: was, fence } = await line.slot();
  line.store.clock.advance(60_000);
  expect((await release()).id).toBe(id);
  const slotReleased = { at: isoTime(line.store.clock.now()), by: 'ann', reason: 'looked at the target' };
  expect(await line.record(id)).toMatchObject({ status: 'timeout', draining: true, slotReleased });
  const slot = await line.slot();
  expect(slot).toMatchObject({ fence, line: was + 1 });
  expect(slot).not.toHaveProperty('owner');
});

test('a slot is not freed while a call of its owner may still be on its way', async () => {
  const id = await line.idOf();
  const until = line.store.clock.now() + 90_000;
  await changeWith(line.store, id, () => ({ calls: { 'activate-1': until } }));
  await drains(id);
  await expect(release()).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message: `A call of ${id} to its target may still be on its way until ${isoTime(until)}.`,
    suggestion: 'Free production after that; most likely it is free by itself then.',
    facts: { environment: 'production', deploymentId: id, until: isoTime(until) },
  });
  expect((await line.slot()).owner).toBe(id);
  line.store.clock.advance(90_000);
  await release();
  expect(await line.slot()).not.toHaveProperty('owner');
});

test('what is freed goes to the next in line, whoever that is', async () => {
  await draining();
  const [next, last] = [await line.idOf(), await line.idOf()];
  await release();
  expect((await line.slot()).owner).toBe(next);
  expect(await line.record(next)).toMatchObject({ wake: 1, fence: 2 });
  expect(await line.waiting()).toEqual([last]);
});
