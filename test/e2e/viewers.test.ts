import { afterEach, expect, inject, it } from 'vitest';
import { LogVerifier } from '../../client/src/logs/verify.ts';
import { unwrap } from '../../client/src/result.ts';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import { heldBuild } from '../support/held-build.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';
import { openSocket, type SocketClient } from '../support/socket-client.ts';

const open: SocketClient[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

const says = (text: string) => (line: LogLineView) => line.message === text;

async function ticketUrl(): Promise<string> {
  const { url, token } = inject('stack');
  const answer = await fetch(`${url.replace(/\/v1$/, '')}/v1/realtime/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(201);
  const ticket = (await answer.json()) as { url: string; ticket: string };
  return `${ticket.url}?ticket=${ticket.ticket}`;
}

async function connected(): Promise<SocketClient> {
  const socket = await openSocket(await ticketUrl());
  open.push(socket);
  return socket;
}

it('a viewer that comes late gets everything from line 1, then live, without gap or repeat', async () => {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>ticks</h1>' });
  await using build = await heldBuild();
  const { project, environment } = await projectOf(repository.url, {
    build: {
      buildCommand: `seq -f 'tick %.0f' 60; ${build.wait}; for i in $(seq 61 240); do echo "tick $i"; sleep 0.03; done`,
      outputDirectory: 'public',
    },
  });
  const early = await connected();
  const started = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  const topic = `deployment:${started.id}` as const;
  early.send({ action: 'subscribe', topic, after: 0 });
  await early.until((frame) => frame.type === 'log' && frame.data.lines.some(says('tick 60')));

  const late = await connected();
  late.send({ action: 'subscribe', topic, after: 0 });
  const subscribed = await late.until((frame) => frame.type === 'subscribed');
  const head = subscribed.type === 'subscribed' ? subscribed.data.head : 0;
  expect(head).toBeGreaterThan(60);
  build.release();

  for (const viewer of [early, late]) {
    const end = await viewer.until((frame) => frame.type === 'end');
    const lines = new Map<number, LogLineView>();
    for (const { frame } of viewer.frames) {
      if (frame.type === 'log') for (const line of frame.data.lines) lines.set(line.n, line);
    }
    const verifier = new LogVerifier();
    for (const n of [...lines.keys()].toSorted((a, b) => a - b))
      await verifier.add(lines.get(n) as LogLineView);
    if (end.type !== 'end') throw new Error('not an end');
    expect(end.data.lines).toBe(lines.size);
    expect(verifier.agrees(end.data)).toBe(true);
    const ticks = [...lines.values()].filter((line) => line.message.startsWith('tick '));
    expect(ticks).toHaveLength(240);
  }
  // What came after the late one's replay was pushed while it happened.
  const live = late.frames.filter(({ frame }) => frame.type === 'log' && frame.data.first > head);
  expect(live.length).toBeGreaterThan(1);
});

it('sixty viewers of one deployment are reached by workers, each with every line and once', async () => {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>crowd</h1>' });
  await using build = await heldBuild();
  const buildCommand = `echo before; ${build.wait}; seq -f 'tick %.0f' 200`;
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand, outputDirectory: 'public' },
  });
  const { id } = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  const topic = `deployment:${id}` as const;
  const crowd: SocketClient[] = [];
  for (let n = 0; n < 60; n += 1) crowd.push(await connected());
  for (const viewer of crowd) viewer.send({ action: 'subscribe', topic, after: 0 });
  for (const viewer of crowd) {
    await viewer.until((frame) => frame.type === 'log' && frame.data.lines.some(says('before')));
  }
  build.release();
  for (const viewer of crowd) {
    const end = await viewer.until((frame) => frame.type === 'end');
    // A worker may have posted the end before another one its lines: frames are ordered by their numbers.
    await viewer.until(
      (frame) => frame.type === 'log' && end.type === 'end' && frame.data.last === end.data.lines,
    );
    const logs = viewer.frames.flatMap(({ frame }) => (frame.type === 'log' ? [frame.data] : []));
    const lines = new Map(logs.flatMap(({ lines }) => lines.map((line) => [line.n, line] as const)));
    expect([...lines.values()].filter(({ message }) => message.startsWith('tick '))).toHaveLength(200);
    expect(end).toMatchObject({ data: { lines: lines.size } });
    const live = logs.filter((log) => log.lines.some(({ message }) => message.startsWith('tick ')));
    expect(live.flatMap((log) => log.lines)).toHaveLength(
      new Set(live.flatMap((log) => log.lines.map(({ n }) => n))).size,
    );
  }
});

it('a ticket opens one socket, and a page of somebody else opens none', async () => {
  const url = await ticketUrl();
  open.push(await openSocket(url));
  await expect(openSocket(url)).rejects.toThrow();
  await expect(openSocket(await ticketUrl(), { Origin: 'https://evil.example' })).rejects.toThrow();
});

it('bad frames are answered, and the socket goes on', async () => {
  const socket = await connected();
  socket.send('not json');
  await socket.until((frame) => frame.type === 'error' && frame.data.code === 'VALIDATION_FAILED');
  socket.send({ action: 'subscribe', topic: 'deployment:dep_01JHN0000000000000000000AA' });
  await socket.until((frame) => frame.type === 'error' && frame.data.code === 'DEPLOYMENT_NOT_FOUND');
  socket.send({ action: 'ping' });
  await socket.until((frame) => frame.type === 'pong');
});
