import { spawnSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { deploymentStatuses, projectStatuses } from '../../client/src/realtime/status-feed.ts';
import { waitForEnd } from '../../client/src/realtime/wait-for-end.ts';
import { unwrap } from '../../client/src/result.ts';
import type { StatusUpdate } from '../../client/src/shapes/frames.ts';
import { Slipway } from '../../client/src/slipway.ts';
import { DEPLOYMENT, type FakeSlipway, fakeSlipway, PROJECT, problem } from '../support/fake-slipway.ts';
import { QUICK } from './pace.ts';

const WATCH = new URL('../../client/src/realtime/watch.ts', import.meta.url).href;

const service = (fake: FakeSlipway) => ({ url: fake.url, token: 'slp_test' });
const status = (revision: number, word: StatusUpdate['status'], deploymentId = DEPLOYMENT): StatusUpdate => ({
  deploymentId,
  status: word,
  releaseState: 'none',
  stage: 'build',
  progress: 10 * revision,
  revision,
});

/** Says these over every socket that subscribes, and keeps what is read in step with the last. */
function tells(fake: FakeSlipway, ...updates: StatusUpdate[]): void {
  fake.onSubscribe = (socket) => {
    for (const data of updates) socket.frame({ type: 'status', data });
  };
}

async function seen(feed: AsyncIterable<StatusUpdate>, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const words: string[] = [];
  for await (const update of feed) {
    words.push(update.status);
    if (words.length >= most) break;
  }
  return words;
}

describe('whoever watches a deployment', () => {
  it('hears of each change once, in order, up to the last', async () => {
    await using fake = await fakeSlipway();
    tells(fake, status(2, 'building'), status(1, 'created'), status(2, 'building'), status(3, 'succeeded'));
    const heard: string[] = [];
    const ended = await new Promise((onEnd) => {
      new Slipway(service(fake)).deployments.watch(DEPLOYMENT, (now) => heard.push(now.status), { onEnd });
    });
    expect(heard).toEqual(['building', 'succeeded']);
    expect(ended).toEqual({ ok: true, value: undefined });
  });

  it('asks for no lines from the beginning, and for as few of those to come as it can', async () => {
    await using fake = await fakeSlipway();
    tells(fake, status(3, 'succeeded'));
    await seen(deploymentStatuses(service(fake), DEPLOYMENT, {}, QUICK));
    expect(fake.heard).toEqual([{ action: 'subscribe', topic: `deployment:${DEPLOYMENT}`, level: 'error' }]);
  });

  it('learns how it ended although that push was lost', async () => {
    await using fake = await fakeSlipway();
    tells(fake, status(2, 'building'));
    fake.status = { ...fake.status, status: 'failed', revision: 9 };
    expect(await seen(deploymentStatuses(service(fake), DEPLOYMENT, {}, QUICK))).toEqual([
      'building',
      'failed',
    ]);
  });

  it.each([
    ['waits for changes', {}],
    ['looks from time to time where nobody may wait', { crowded: true }],
  ])('%s where no socket can be had', async (_, missing) => {
    await using fake = await fakeSlipway();
    Object.assign(fake, { withoutSockets: true, ...missing });
    const words: string[] = [];
    for await (const update of deploymentStatuses(service(fake), DEPLOYMENT, {}, QUICK)) {
      words.push(update.status);
      fake.status = { ...fake.status, status: 'canceled', revision: 7 };
    }
    expect(words).toEqual(['building', 'canceled']);
  });
});

describe('whoever watches a project', () => {
  const other = 'dep_01JD0000000000000000000001';

  it('hears of all its deployments, each in its own order', async () => {
    await using fake = await fakeSlipway();
    tells(
      fake,
      status(5, 'building'),
      status(1, 'created', other),
      status(4, 'created'),
      status(6, 'deploying'),
    );
    const words = await seen(projectStatuses(service(fake), PROJECT, {}, QUICK), 3);
    expect(words).toEqual(['building', 'created', 'deploying']);
    expect(fake.heard).toEqual([{ action: 'subscribe', topic: `project:${PROJECT}` }]);
  });

  it('reads what is new of them where no socket can be had', async () => {
    await using fake = await fakeSlipway();
    fake.withoutSockets = true;
    const words: string[] = [];
    for await (const update of projectStatuses(service(fake), PROJECT, {}, QUICK)) {
      words.push(update.status);
      if (words.length === 2) break;
      fake.status = { ...fake.status, status: 'deploying', revision: 2 };
    }
    expect(words).toEqual(['building', 'deploying']);
  });

  it('hears nothing any more once it has unsubscribed, and the socket is closed', async () => {
    await using fake = await fakeSlipway();
    tells(fake, status(1, 'created'));
    const [onStatus, onEnd] = [vi.fn(), vi.fn()];
    const unsubscribe = new Slipway(service(fake)).projects.watch(PROJECT, onStatus, { onEnd });
    await vi.waitFor(() => expect(onStatus).toHaveBeenCalledOnce());
    unsubscribe();
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
    expect(onEnd).not.toHaveBeenCalled();
  });

  it('is told why where the service refuses', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 404, body: problem(404, 'PROJECT_NOT_FOUND') });
    const ended = await new Promise((onEnd) => {
      new Slipway(service(fake)).projects.watch(PROJECT, () => {}, { onEnd });
    });
    expect(ended).toMatchObject({ ok: false, error: { code: 'PROJECT_NOT_FOUND' } });
  });

  it('ends with the signal that it gave', async () => {
    await using fake = await fakeSlipway();
    const stop = new AbortController();
    new Slipway(service(fake)).projects.watch(PROJECT, () => {}, { signal: stop.signal });
    await vi.waitFor(() => expect(fake.sockets.size).toBe(1));
    stop.abort();
    await vi.waitFor(() => expect(fake.sockets.size).toBe(0));
  });
});

it('what a callback throws ends the watch and goes where unhandled errors go', () => {
  const program = `
    import { watch } from ${JSON.stringify(WATCH)};
    async function* feed() { yield 1; }
    watch(feed, () => { throw new Error('of the callback'); }, {});
  `;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain('Error: of the callback');
});

describe('whoever waits for the end', () => {
  it.each([
    ['that the service tells', {}],
    ['that is asked for again and again where nobody may wait', { crowded: true }],
  ])('gets the record of the end %s', async (_, missing) => {
    await using fake = await fakeSlipway();
    Object.assign(fake, missing);
    setTimeout(() => {
      fake.status = { ...fake.status, status: 'succeeded', revision: 2 };
    }, 80);
    const ended = await waitForEnd(service(fake), DEPLOYMENT, {}, QUICK);
    expect(ended).toMatchObject({ ok: true, value: { id: DEPLOYMENT, status: 'succeeded' } });
  });

  it('does not notice that the service was away for a while', async () => {
    await using fake = await fakeSlipway();
    for (let i = 0; i < 4; i += 1) fake.next.push({ status: 502 }, { status: 503 });
    fake.status = { ...fake.status, status: 'succeeded', revision: 2 };
    expect(await waitForEnd(service(fake), DEPLOYMENT, {}, QUICK)).toMatchObject({ ok: true });
  });

  it('gets a refusal at once', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 404, body: problem(404, 'DEPLOYMENT_NOT_FOUND') });
    const ended = await waitForEnd(service(fake), DEPLOYMENT, {}, QUICK);
    expect(ended).toMatchObject({ ok: false, error: { code: 'DEPLOYMENT_NOT_FOUND' } });
  });

  it('gives up where the service stays out of reach for too long', async () => {
    const nobody = { url: 'http://127.0.0.1:9', token: 't' };
    const ended = await waitForEnd(nobody, DEPLOYMENT, { giveUpAfterMs: 100 }, QUICK);
    expect(ended).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
  });

  it('ends when its signal fires', async () => {
    const nobody = { url: 'http://127.0.0.1:9', token: 't' };
    const ended = await waitForEnd(nobody, DEPLOYMENT, { signal: AbortSignal.timeout(50) }, QUICK);
    expect(() => unwrap(ended)).toThrow(/aborted/);
  });
});
