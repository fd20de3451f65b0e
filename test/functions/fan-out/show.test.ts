import type { SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FanOutDeps } from '../../../functions/fan-out/deps.ts';
import { handleMessages } from '../../../functions/fan-out/handle.ts';
import { pacer } from '../../../functions/fan-out/pace.ts';
import type { FanOutMessage } from '../../../shared/contracts/fan-out.ts';
import { EVERYBODY, WORKER_POSTS_A_SECOND } from '../../../shared/domain/audience.ts';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { publishLines, publishStatus } from '../../../shared/platform/sockets.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { appendLines } from '../../../shared/store/log-chain.ts';
import { numbered } from '../../shared/store/log-chain/lines.ts';
import { givenDeployment, givenProject, quietLog } from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { leftForWorkers, linesOf, type Viewers, viewers } from '../../support/viewers.ts';
import { sockets, watch } from '../../support/watching.ts';

const MANY = sockets(70);

let store: TestStore;
let deployment: Deployment;
let topic: string;
let reached: Viewers;
let queue: ReturnType<typeof leftForWorkers>;
let deps: FanOutDeps;
beforeEach(async () => {
  store = await freshStore();
  deployment = await givenDeployment(store, await givenProject(store), { status: 'building' });
  topic = `deployment:${deployment.id}`;
  reached = viewers();
  queue = leftForWorkers();
  const turn = pacer(store.clock, WORKER_POSTS_A_SECOND);
  deps = { store, poster: reached, fanOut: queue, turn, log: quietLog };
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function produce(from: number, to: number): Promise<number> {
  const { lines } = await appendLines(store, deployment.id, 'build', from, numbered(from, to));
  return publishLines(deps, deployment.id, lines);
}

/** What SQS does with what was left: each message once to a worker, and what workers leave too. */
async function work(): Promise<void> {
  for (;;) {
    const message = queue.messages.shift();
    if (message === undefined) return;
    expect(await deliver(message)).toEqual([]);
  }
}

async function deliver(message: FanOutMessage | string): Promise<string[]> {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  // Of a record the handler reads these two.
  const record = { body, messageId: 'm-1' } as SQSRecord;
  const { batchItemFailures } = await handleMessages(deps, { Records: [record] }, {});
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const numbersAt = (id: string) => linesOf(reached.frames(id)).map(({ n }) => n);

describe('what many watch', () => {
  test('is left to workers, who post each frame once to each viewer', async () => {
    await watch(store, topic, MANY);
    expect(await produce(0, 3)).toBe(70);
    expect(reached.posts).toBe(0);
    expect(queue.messages.length).toBeGreaterThan(1);
    await work();
    for (const id of MANY) expect(numbersAt(id)).toEqual([1, 2, 3]);
    expect(reached.posts).toBe(MANY.length);
  });

  test('begins with the fifty-first viewer', async () => {
    await watch(store, topic, MANY.slice(0, 50));
    await produce(0, 1);
    expect(reached.posts).toBe(50);
    await watch(store, topic, MANY.slice(50, 51));
    await produce(1, 2);
    expect(reached.posts).toBe(50);
    await work();
    for (const id of MANY.slice(0, 50)) expect(numbersAt(id)).toEqual([1, 2]);
    expect(numbersAt(MANY[50] ?? '')).toEqual([2]);
  });

  test('is shown to each as its filter wants it', async () => {
    await watch(store, topic, MANY);
    await watch(store, topic, ['quiet'], { filter: { level: 'error' } });
    await produce(0, 2);
    await work();
    expect(reached.frames('quiet')).toMatchObject([{ data: { first: 1, last: 2, lines: [] } }]);
    expect(numbersAt('socket-7')).toEqual([1, 2]);
  });

  test('of a project is shown to those only who may see the environment', async () => {
    const project = `project:${deployment.projectId}`;
    await watch(store, project, MANY, { environments: [deployment.environment] });
    await watch(store, project, ['elsewhere'], { environments: ['staging'] });
    await publishStatus(deps, deployment);
    expect(reached.posts).toBe(0);
    await work();
    for (const id of MANY) expect(reached.frames(id)).toMatchObject([{ type: 'status', topic: project }]);
    expect(reached.frames('elsewhere')).toEqual([]);
  });

  test('waits without what is purged meanwhile: workers read lines, purges and status at their turn', async () => {
    await watch(store, topic, MANY);
    await produce(0, 3);
    const said = 'It exited with 1.\nbuild 1';
    const failure = deploymentError({ code: 'BUILD_FAILED', stage: 'build', message: said });
    await publishStatus(deps, await changeWith(store, deployment.id, () => ({ failure })));
    expect(JSON.stringify(queue.messages)).not.toContain('build 1');
    // The wish alone: chunks still hold the text.
    const wish = {
      from: 2,
      to: 2,
      reason: 'a key',
      by: 'ann',
      at: new Date(store.clock.now()).toISOString(),
    };
    await changeWith(store, deployment.id, () => ({ purges: [wish] }));
    await work();
    const frames = reached.frames('socket-7');
    expect(linesOf(frames).map(({ message }) => message)).toEqual(['build 0', '[purged]', 'build 2']);
    expect(frames).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ errorMessage: 'It exited with 1.\n[purged]' }),
      }),
    );
  });

  test('is not posted once it is late, so that what waits always comes to an end; statuses are', async () => {
    await watch(store, topic, MANY);
    await produce(0, 1);
    store.clock.advance(9000);
    const late = queue.messages.splice(1);
    await work();
    const posted = reached.posts;
    expect(posted).toBeGreaterThan(0);
    queue.messages.push(...late);
    store.clock.advance(1000);
    await work();
    expect([reached.posts, queue.messages.length]).toEqual([posted, 0]);
    await publishStatus(deps, deployment);
    store.clock.advance(60_000);
    await work();
    expect(reached.posts).toBe(posted + MANY.length);
  });

  test('costs the producer one read and one call however many they are', async () => {
    await watch(store, topic, MANY);
    const { lines } = await appendLines(store, deployment.id, 'build', 0, numbered(0, 3));
    const sent = vi.spyOn(store.client, 'send');
    const left = vi.spyOn(queue, 'send');
    await publishLines(deps, deployment.id, lines);
    expect([sent.mock.calls.length, left.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('a worker', () => {
  const all = { kind: 'lines', failures: 0, slice: EVERYBODY, first: 1, last: 2 } as const;

  test('that runs out of time leaves the rest to another message, and nobody gets it twice', async () => {
    await watch(store, topic, MANY);
    await appendLines(store, deployment.id, 'build', 0, numbered(0, 2));
    reached.deliver(() => {
      store.clock.advance(4000);
      return 'sent';
    });
    expect(await deliver({ ...all, deploymentId: deployment.id })).toEqual([]);
    expect(queue.messages).toHaveLength(1);
    expect(reached.posts).toBeLessThan(MANY.length);
    await work();
    for (const id of MANY) expect(numbersAt(id)).toEqual([1, 2]);
    expect(reached.posts).toBe(MANY.length);
  });

  test('that fails leaves the rest to another message; one that always fails gives it back to the queue', async () => {
    await watch(store, topic, MANY);
    await appendLines(store, deployment.id, 'build', 0, numbered(0, 2));
    const post = vi.spyOn(reached, 'post');
    post.mockImplementationOnce(() => Promise.reject(new TypeError('no endpoint')));
    expect(await deliver({ ...all, deploymentId: deployment.id })).toEqual([]);
    expect(queue.messages).toMatchObject([{ failures: 1 }]);
    await work();
    for (const id of MANY) expect(new Set(numbersAt(id))).toEqual(new Set([1, 2]));
    post.mockImplementation(() => Promise.reject(new TypeError('no endpoint')));
    expect(await deliver({ ...all, failures: 3, deploymentId: deployment.id })).toEqual(['m-1']);
  });

  test('gives back what it cannot read, and forgets sockets that are gone', async () => {
    for (const body of ['', '{}', '{"kind":"lines"}']) expect(await deliver(body)).toEqual(['m-1']);
    await watch(store, topic, MANY);
    await appendLines(store, deployment.id, 'build', 0, numbered(0, 2));
    reached.deliver((id) => (id === 'socket-3' ? 'gone' : 'sent'));
    await deliver({ ...all, deploymentId: deployment.id });
    await deliver({ ...all, deploymentId: deployment.id });
    expect(reached.posts).toBe(2 * MANY.length - 1);
  });
});
