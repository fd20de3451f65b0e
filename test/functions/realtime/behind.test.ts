import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FELL_BEHIND } from '../../../shared/contracts/frame-codes.ts';
import { publishLines } from '../../../shared/platform/sockets.ts';
import { removeConnectionsOf } from '../../../shared/store/connections.ts';
import { appendLines } from '../../../shared/store/log-chain.ts';
import { numbered } from '../../shared/store/log-chain/lines.ts';
import { linesOf, viewersOf } from '../../support/viewers.ts';
import { type TestRealtime, testRealtime } from './world.ts';

let realtime: TestRealtime;
beforeEach(async () => {
  realtime = await testRealtime();
  for (const id of ['slow', 'quick']) {
    await realtime.open(id);
    await realtime.send(id, { action: 'subscribe', topic: realtime.topic, after: 0 });
  }
});

async function produce(from: number, to: number): Promise<void> {
  const { store, publisher, deployment } = realtime;
  const { lines } = await appendLines(store, deployment.id, 'build', from, numbered(from, to));
  await publishLines(publisher, deployment.id, lines);
}

const takesNoLines = (id: string, type: string) => (id === 'slow' && type === 'log' ? 'failed' : 'sent');
const numbersAt = (id: string) => linesOf(realtime.sockets.frames(id)).map(({ n }) => n);
const noticesAt = (id: string) =>
  realtime.sockets.frames(id).filter((frame) => frame.type === 'error' && frame.data.code === FELL_BEHIND);

describe('a socket that does not keep up', () => {
  test('is told so once and then left alone, at nobody else’s cost', async () => {
    realtime.sockets.deliver((id, { type }) => takesNoLines(id, type));
    await produce(0, 1);
    expect(noticesAt('slow')).toMatchObject([{ topic: realtime.topic, data: { code: 'FELL_BEHIND' } }]);
    const posts = realtime.sockets.posts;
    for (let n = 1; n < 4; n += 1) await produce(n, n + 1);
    expect(realtime.sockets.posts - posts).toBe(3);
    expect(noticesAt('slow')).toHaveLength(1);
    expect(numbersAt('quick')).toEqual([1, 2, 3, 4]);
  });

  test('hears everything that it missed when it subscribes again, and goes on live', async () => {
    realtime.sockets.deliver((id, { type }) => takesNoLines(id, type));
    await produce(0, 3);
    realtime.sockets.deliver(() => 'sent');
    await realtime.send('slow', { action: 'subscribe', topic: realtime.topic, after: 0 });
    await produce(3, 4);
    expect(numbersAt('slow')).toEqual([1, 2, 3, 4]);
  });

  test('learns it by its next ping, where the word was lost as well', async () => {
    realtime.sockets.deliver((id) => (id === 'slow' ? 'failed' : 'sent'));
    await produce(0, 1);
    realtime.sockets.deliver(() => 'sent');
    const ping = async (id: string) => {
      const [frame] = await realtime.send(id, { action: 'ping' });
      return frame?.type === 'pong' ? frame.data.heads.map(({ topic }) => topic) : frame;
    };
    expect(await ping('slow')).toEqual([]);
    expect(await ping('quick')).toEqual([realtime.topic]);
    await realtime.send('slow', { action: 'subscribe', topic: realtime.topic, after: 0 });
    expect(await ping('slow')).toEqual([realtime.topic]);
  });

  test('has time for all frames of one flush together, not for each of them', async () => {
    const { store, sockets } = realtime;
    const post = sockets.post;
    vi.spyOn(sockets, 'post').mockImplementation(async (id, data, withinMs) => {
      if (id === 'slow') store.clock.advance(500);
      return post(id, data, withinMs);
    });
    const lines = numbered(0, 40).map((line) => ({ ...line, message: 'x'.repeat(4000) }));
    const appended = await appendLines(store, realtime.deployment.id, 'build', 0, lines);
    await publishLines(realtime.publisher, realtime.deployment.id, appended.lines);
    expect(noticesAt('slow')).toHaveLength(1);
    expect(numbersAt('slow').length).toBeLessThan(40);
  });

  test('is told once also where two are posting to it', async () => {
    realtime.sockets.deliver((id, { type }) => takesNoLines(id, type));
    const { store, publisher, deployment } = realtime;
    const { lines } = await appendLines(store, deployment.id, 'build', 0, numbered(0, 2));
    await Promise.all([
      publishLines(publisher, deployment.id, lines),
      publishLines(publisher, deployment.id, lines),
    ]);
    expect(noticesAt('slow')).toHaveLength(1);
  });

  test('keeps a subscription that it made anew while an old post failed, and loses it with its token', async () => {
    const token = await realtime.token();
    await realtime.open('again', token);
    const subscribeFrame = { action: 'subscribe', topic: realtime.topic, after: 0 };
    await realtime.send('again', subscribeFrame);
    const { sockets } = realtime;
    const post = sockets.post;
    vi.spyOn(sockets, 'post').mockImplementation(async (id, data, withinMs) => {
      const { type } = JSON.parse(data) as { type: string };
      if (id !== 'again' || type !== 'log') return post(id, data, withinMs);
      vi.mocked(sockets.post).mockRestore();
      await realtime.send('again', subscribeFrame);
      return 'failed';
    });
    await produce(0, 1);
    await produce(1, 2);
    expect(noticesAt('again')).toEqual([]);
    expect(numbersAt('again')).toEqual([1, 2]);
    await removeConnectionsOf(realtime.store, `tok_${token.slice(4, 30)}`);
    const watching = await viewersOf(realtime.store, realtime.topic);
    expect(watching.map(({ connectionId }) => connectionId).sort()).toEqual(['quick', 'slow']);
  });
});
