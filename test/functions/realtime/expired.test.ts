import { expect, test, vi } from 'vitest';
import type { Deployment } from '../../../shared/domain/records.ts';
import { closeLog } from '../../../shared/platform/log-closing.ts';
import { deploymentItem } from '../../../shared/store/deployment-item.ts';
import { changeWith, requireDeployment } from '../../../shared/store/deployments.ts';
import { putItem } from '../../../shared/store/engine.ts';
import { appendLines } from '../../../shared/store/log-chain.ts';
import { numbered } from '../../shared/store/log-chain/lines.ts';
import { leftForWorkers, linesOf } from '../../support/viewers.ts';
import { type TestRealtime, testRealtime } from './world.ts';

/** A deployment whose log is closed, after lines that were written on three days. */
async function closed(): Promise<TestRealtime> {
  const realtime = await testRealtime();
  const { store, deployment, deps } = realtime;
  for (let at = 0; at < 3; at += 1) {
    await appendLines(store, deployment.id, 'build', at * 10, numbered(at * 10, at * 10 + 10));
    store.clock.advance(86_400_000);
  }
  const ended = {
    ...(await requireDeployment(store, deployment.id)),
    status: 'succeeded',
    finishedAt: deployment.createdAt,
    durationSeconds: 1,
    closing: true,
  } as Deployment;
  await putItem(store, deploymentItem(ended), { expression: 'attribute_exists(pk)' });
  await closeLog({ store, poster: realtime.sockets, fanOut: leftForWorkers() }, deps.archive, ended);
  return realtime;
}

const numbers = (frames: readonly { readonly type: string; readonly data: unknown }[]) =>
  frames.flatMap(({ type, data }) =>
    type === 'log' ? (data as { lines: { n: number }[] }).lines.map(({ n }) => n) : [],
  );
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.each([
  { what: 'all of it', days: 40 },
  { what: 'the first of it', days: 28 },
  { what: 'nothing of it', days: 1 },
])('a viewer does not notice that the database has forgotten $what', async ({ days }) => {
  const realtime = await closed();
  realtime.store.clock.advance(days * 86_400_000);
  await realtime.open('a');
  const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
  expect(frames.map(({ type }) => type)).toEqual(['subscribed', 'status', 'log', 'end']);
  expect(frames[0]).toMatchObject({ data: { head: 30 } });
  expect(numbers(frames)).toEqual(range(1, 30));
  expect(frames.at(-1)).toMatchObject({ data: { lines: 30, status: 'succeeded' } });
  const behind = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 25 });
  expect(numbers(behind)).toEqual(range(26, 30));
  const now = await realtime.send('a', { action: 'subscribe', topic: realtime.topic });
  expect(now.map(({ type }) => type)).toEqual(['subscribed', 'status', 'end']);
});

test('a viewer is not shown what is purged while the lines before it are shown', async () => {
  const realtime = await testRealtime();
  const { store, deployment } = realtime;
  await appendLines(store, deployment.id, 'build', 0, numbered(0, 1500));
  const purge = { from: 1200, to: 1200, reason: 'a key', by: 'ann', at: '2025-01-20T00:00:00.000Z' };
  const post = realtime.sockets.post;
  let wish: Promise<unknown> | undefined;
  vi.spyOn(realtime.sockets, 'post').mockImplementation(async (...args) => {
    if (args[1].includes('"type":"log"')) {
      wish ??= changeWith(store, deployment.id, () => ({ purges: [purge] }));
      await wish;
    }
    return post(...args);
  });
  await realtime.open('a');
  const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
  expect(numbers(frames)).toEqual(range(1, 1500));
  const shown = linesOf(realtime.sockets.frames('a')).filter(({ n }) => n >= 1199 && n <= 1201);
  expect(shown.map(({ message }) => message)).toEqual(['build 1198', '[purged]', 'build 1200']);
});

test('a viewer is not shown what was purged, whatever is still stored', async () => {
  const realtime = await closed();
  await changeWith(realtime.store, realtime.deployment.id, () => ({
    purges: [{ from: 3, to: 4, reason: 'a key', by: 'ann', at: '2025-01-20T00:00:00.000Z' }],
  }));
  await realtime.open('a');
  const frames = await realtime.send('a', { action: 'subscribe', topic: realtime.topic, after: 0 });
  const lines = frames.flatMap((frame) => (frame.type === 'log' ? frame.data.lines : []));
  expect(lines.filter(({ digest }) => digest !== undefined).map(({ n, message }) => [n, message])).toEqual([
    [3, '[purged]'],
    [4, '[purged]'],
  ]);
  expect(JSON.stringify(frames)).not.toContain('build 2"');
});
