import { describe, expect, test, vi } from 'vitest';
import { LogVerifier } from '../../../client/src/logs/verify.ts';
import { EventLog } from '../../../functions/waiting/event-log.ts';
import { PlatformUnavailable } from '../../../shared/errors/requests.ts';
import { changeWith } from '../../../shared/store/deployments.ts';
import { appendLines, endLog } from '../../../shared/store/log-chain.ts';
import { redeemTicket } from '../../../shared/store/tickets.ts';
import { deleteToken, verifyToken } from '../../../shared/store/tokens.ts';
import { numbered } from '../../shared/store/log-chain/lines.ts';
import { givenDeployment } from '../../support/given.ts';
import { linesOf } from '../../support/viewers.ts';
import type { Sent } from '../api/support.ts';
import { eachTest, streamOf } from './world.ts';

const at = eachTest();
const events = async (query = '', sent: Sent = {}) => {
  const answer = await at.world.send(`GET /v1/deployments/${at.world.deployment.id}/events${query}`, sent);
  return { ...answer, ...streamOf(answer) };
};
const behind = (id: string): Sent => ({ headers: { 'last-event-id': id } });

describe('a slice of events', () => {
  test('tells a new viewer where the deployment stands and every line so far, at once', async () => {
    await at.world.write(0, 3);
    const before = at.world.store.clock.now();
    const { status, headers, frames, blocks, lastId } = await events();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    expect(blocks[0]).toEqual({ retry: '500' });
    expect(blocks.slice(1).map(({ event }) => event)).toEqual(['status', 'log']);
    expect(frames[0]).toMatchObject({ type: 'status', data: { status: 'building', revision: 1 } });
    expect(linesOf(frames).map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(lastId).toBe('3.1');
    expect(at.world.store.clock.now()).toBe(before);
  });

  test('goes on behind the last event, and ends with the first that comes', async () => {
    await at.world.write(0, 3);
    const { lastId } = await events();
    const waiting = events('', behind(lastId));
    await at.world.write(3, 5);
    const next = await waiting;
    expect(next.frames.map(({ type }) => type)).toEqual(['log']);
    expect(linesOf(next.frames).map(({ n }) => n)).toEqual([4, 5]);
    const moving = events('', behind(next.lastId));
    await changeWith(at.world.store, at.world.deployment.id, () => ({ progress: 30 }));
    expect((await moving).frames).toMatchObject([{ type: 'status', data: { progress: 30, revision: 2 } }]);
  });

  test('ends after 25 s without an event, and still says where to go on', async () => {
    await at.world.write(0, 3);
    const { lastId } = await events();
    const before = at.world.store.clock.now();
    const { status, frames, lastId: next } = await events('', behind(lastId));
    expect([status, frames, next]).toEqual([200, [], lastId]);
    expect(at.world.store.clock.now() - before).toBe(25_000);
  });

  test('leaves out what the filter does not let through, and never looks at it twice', async () => {
    await at.world.write(0, 40);
    const { frames, lastId } = await events('?level=error&step=build&source=build');
    expect(frames.map(({ type }) => type)).toEqual(['status']);
    expect(lastId).toBe('40.1');
    expect((await events('?level=error', behind(lastId))).lastId).toBe('40.1');
  });

  test('begins behind a line where that is asked for; what was seen last counts more', async () => {
    await at.world.write(0, 5);
    expect(linesOf((await events('?after=3')).frames).map(({ n }) => n)).toEqual([4, 5]);
    expect(linesOf((await events('?after=3', behind('1.1'))).frames).map(({ n }) => n)).toEqual([2, 3, 4, 5]);
  });

  test('of a long log is bounded, and slice by slice it is whole: each line once, with the hash of all', async () => {
    const long = numbered(0, 300).map((line) => ({
      ...line,
      message: `${line.message} ${'x'.repeat(20_000)}`,
    }));
    await appendLines(at.world.store, at.world.deployment.id, 'build.0', 0, long);
    const end = await endLog(at.world.store, at.world.deployment.id);
    const verifier = new LogVerifier();
    let slices = 0;
    for (let id = ''; !id.endsWith('.end'); slices += 1) {
      const { body, frames, lastId } = await events('', behind(id));
      expect(String(body).length).toBeLessThan(6_000_000);
      for (const line of linesOf(frames)) await verifier.add(line);
      id = lastId;
    }
    expect(slices).toBeGreaterThan(1);
    expect(verifier.agrees(end)).toBe(true);
  });

  test('is bounded as its answer carries it, where characters are escaped twice', async () => {
    const long = numbered(0, 120).map((line, i) => ({
      ...line,
      message: (i < 80 ? 'x' : '\u0001').repeat(20_000),
    }));
    await appendLines(at.world.store, at.world.deployment.id, 'build.0', 0, long);
    const seen: number[] = [];
    for (let id = ''; seen.length < 120; ) {
      const { body, frames, lastId } = await events('', behind(id));
      expect(JSON.stringify(body).length).toBeLessThan(2_600_000);
      seen.push(...linesOf(frames).map(({ n }) => n));
      id = lastId;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  });

  test('of many short lines is bounded too: so many reads, then the next slice goes on', async () => {
    await at.world.write(0, 9000);
    const first = await events();
    expect(first.lastId).toBe('8000.1');
    expect(linesOf((await events('', behind(first.lastId))).frames)).toHaveLength(1000);
  });

  test('reads nothing more once the time of its function is up', async () => {
    await at.world.write(0, 3);
    const { store, deployment } = at.world;
    const nowhere = () => Promise.reject(new Error('nothing is archived'));
    const over = { filter: undefined, signal: AbortSignal.abort() };
    const log = new EventLog({ store, artifacts: nowhere }, deployment, { line: 0, revision: 0 }, over);
    expect((await log.look()).map(({ type }) => type)).toEqual(['status']);
    expect(log.seen.line).toBe(0);
  });

  test('has an id for each event with which nothing is lost and nothing comes twice', async () => {
    const long = numbered(0, 20).map((line) => ({ ...line, message: 'x'.repeat(20_000) }));
    await appendLines(at.world.store, at.world.deployment.id, 'build.0', 0, long);
    const { blocks, frames } = await events();
    expect(frames.length).toBeGreaterThan(5);
    for (const [i, { id = '' }] of blocks.slice(1).entries()) {
      const seen = linesOf(frames.slice(0, i + 1));
      const [first] = linesOf((await events('', behind(id))).frames);
      if (seen.length < 20) expect(first?.n).toBe(seen.length + 1);
    }
  }, 120_000);
});

describe('the end of a log', () => {
  test('is an event with what proves it; who comes back after it is told to stop', async () => {
    await at.world.write(0, 2);
    const end = await endLog(at.world.store, at.world.deployment.id);
    const { frames, lastId } = await events();
    expect(frames.map(({ type }) => type)).toEqual(['status', 'log', 'end']);
    expect(frames.at(-1)).toMatchObject({ data: { ...end, status: 'building' } });
    expect(lastId).toBe('2.1.end');
    expect(await events('', behind(lastId))).toMatchObject({ status: 204 });
  });

  test('that somebody has not heard of comes to him, however much he has seen', async () => {
    await at.world.write(0, 2);
    const { lastId } = await events();
    await endLog(at.world.store, at.world.deployment.id);
    expect((await events('', behind(lastId))).frames.map(({ type }) => type)).toEqual(['end']);
  });
});

describe('the id of the last event', () => {
  test.each(['abc', '1', '1.', '1.2.3', '-1.2', '1.2.slc_short', '1e3.1', '1234567890.1', '1.1.end.end'])(
    '%s is refused as none of ours, and nothing is guessed',
    async (id) => {
      const { status, body } = await events('', behind(id));
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'VALIDATION_FAILED', field: '/Last-Event-ID' });
    },
  );

  test('that is empty begins with line 1, as browsers send it', async () => {
    await at.world.write(0, 1);
    expect(linesOf((await events('', behind(''))).frames)).toHaveLength(1);
  });
});

describe('whoever cannot send a header', () => {
  const byTicket = (ticket: string, id?: string) =>
    events(`?ticket=${ticket}`, { token: null, ...(id === undefined ? {} : behind(id)) });

  test('comes by a ticket, once, and goes on by what the id of the last event holds', async () => {
    await at.world.write(0, 2);
    const ticket = await at.world.ticket();
    const first = await byTicket(ticket);
    expect(first.status).toBe(200);
    expect((await byTicket(ticket)).status).toBe(401);
    // As EventSource does: the same address, and the id in a header.
    await at.world.write(2, 4);
    const second = await byTicket(ticket, first.lastId);
    expect(linesOf(second.frames).map(({ n }) => n)).toEqual([3, 4]);
    expect((await byTicket(ticket, second.lastId)).status).toBe(200);
  });

  test('asks again where an answer was lost, and after ten minutes of sleep too, and gets it', async () => {
    await at.world.write(0, 2);
    const { lastId } = await byTicket(await at.world.ticket());
    await at.world.write(2, 4);
    for (let lost = 0; lost < 3; lost += 1) {
      const { status, frames } = await byTicket('used', lastId);
      expect([status, linesOf(frames).map(({ n }) => n)]).toEqual([200, [3, 4]]);
      at.world.store.clock.advance(200_000);
    }
    expect((await byTicket('used', lastId)).status).toBe(200);
  });

  test('is told of a failure that passes in an event, and comes again from where it was', async () => {
    await at.world.write(0, 2);
    const { lastId } = await byTicket(await at.world.ticket());
    const { client } = at.world.store;
    const send = client.send.bind(client);
    const failing = vi
      .spyOn(client, 'send')
      .mockImplementation(((command: { input: object }) =>
        JSON.stringify(command.input).includes('WAITING')
          ? Promise.reject(new PlatformUnavailable('The table does not answer.'))
          : send(command as never)) as never);
    const { status, frames, blocks, lastId: next } = await byTicket('used', lastId);
    failing.mockRestore();
    expect([status, next, blocks[0]]).toEqual([200, lastId, { retry: '5000' }]);
    expect(frames).toMatchObject([{ type: 'error', data: { code: 'PLATFORM_UNAVAILABLE' } }]);
  });

  test('goes on only with this deployment, and never by a ticket of its own making', async () => {
    const { lastId } = await byTicket(await at.world.ticket());
    const [, , held = ''] = lastId.split('.');
    expect(held).toMatch(/^slc_/);
    await expect(redeemTicket(at.world.store, held)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const other = await givenDeployment(at.world.store, at.world.given, { status: 'building' });
    const path = `GET /v1/deployments/${other.id}/events?ticket=used`;
    expect((await at.world.send(path, { token: null, ...behind(lastId) })).status).toBe(401);
    expect((await byTicket('used', `${lastId.slice(0, -4)}AAAA`)).status).toBe(401);
  });

  test('is out as soon as the token is taken back', async () => {
    const { lastId } = await byTicket(await at.world.ticket());
    const { tokenId } = await verifyToken(at.world.store, at.world.viewer);
    await deleteToken(at.world.store, tokenId);
    expect((await byTicket('used', lastId)).status).toBe(401);
  });

  test('without any is told how to come in', async () => {
    const { status, body } = await events('', { token: null });
    expect(status).toBe(401);
    expect(body).toMatchObject({ suggestion: expect.stringContaining('/v1/realtime/tickets') });
  });
});

test('of a deployment that the token may not see are those of one that is not there', async () => {
  const token = await at.world.token([{ role: 'viewer', projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' }]);
  const { status, body } = await events('', { token });
  expect([status, body.code]).toEqual([404, 'DEPLOYMENT_NOT_FOUND']);
});
