import { beforeEach, describe, expect, test } from 'vitest';
import { parseOrigins } from '../../../functions/realtime/origins.ts';
import { getConnection } from '../../../shared/store/connections.ts';
import { transact } from '../../../shared/store/engine.ts';
import { newTicket, redeemTicket } from '../../../shared/store/tickets.ts';
import { viewersOf } from '../../support/viewers.ts';
import { type TestRealtime, testRealtime } from './world.ts';

let realtime: TestRealtime;
beforeEach(async () => {
  realtime = await testRealtime();
});

async function storedTicket(realtime: TestRealtime): Promise<string> {
  const { ticket, write } = newTicket(realtime.store, actor);
  await transact(realtime.store, [write]);
  return ticket;
}

const actor = { tokenId: 't', subject: 'ada', kind: 'api', grants: [], groups: [] } as const;

describe('a ticket', () => {
  test('opens one socket, once, also when two try at the same time', async () => {
    const ticket = await storedTicket(realtime);
    const both = await Promise.all([realtime.connect('a', { ticket }), realtime.connect('b', { ticket })]);
    expect(both.toSorted()).toEqual([200, 401]);
    expect(await realtime.connect('c', { ticket })).toBe(401);
  });

  test('is good for a minute', async () => {
    const early = await storedTicket(realtime);
    const late = await storedTicket(realtime);
    realtime.store.clock.advance(59_000);
    expect(await redeemTicket(realtime.store, early)).toEqual(actor);
    realtime.store.clock.advance(1000);
    expect(await realtime.connect('a', { ticket: late })).toBe(401);
  });

  test('that nobody was given opens nothing', async () => {
    for (const ticket of ['', 'slk_', `slk_${'a'.repeat(43)}`, '../../x']) {
      expect(await realtime.connect('a', { ticket })).toBe(401);
    }
  });
});

describe('a token in the header', () => {
  test('opens a socket; none, or a wrong one, does not', async () => {
    expect(
      await realtime.connect('a', { headers: { authorization: `Bearer ${await realtime.token()}` } }),
    ).toBe(200);
    expect(await realtime.connect('b', { headers: { authorization: 'Bearer slp_x' } })).toBe(401);
    expect(await realtime.connect('c', {})).toBe(401);
    expect(await getConnection(realtime.store, 'b')).toBeUndefined();
  });
});

describe('the origin', () => {
  test('of a browser must be on the list; who names none is not a browser', async () => {
    const authorization = `Bearer ${await realtime.token()}`;
    const from = (origin: string) => realtime.connect(origin, { headers: { authorization, Origin: origin } });
    expect(await from('https://console.example')).toBe(200);
    expect(await from('https://console.example.evil.test')).toBe(403);
    expect(await from('http://console.example')).toBe(403);
    expect(await from('null')).toBe(403);
  });

  test('list that cannot be read lets nobody in', () => {
    for (const setting of ['', 'https://a.example', '{}', '["*"]', '["https://a.example/path"]', '[1]']) {
      expect(() => parseOrigins(setting)).toThrow('ALLOWED_ORIGINS');
    }
    expect(parseOrigins('[]').size).toBe(0);
  });
});

test('a socket that closes leaves no subscription behind', async () => {
  await realtime.open('a');
  await realtime.open('b');
  for (const id of ['a', 'b']) {
    await realtime.send(id, { action: 'subscribe', topic: realtime.topic });
    await realtime.send(id, { action: 'subscribe', topic: `project:${realtime.given.project.id}` });
  }
  await realtime.disconnect('a');
  expect(await getConnection(realtime.store, 'a')).toBeUndefined();
  for (const topic of [realtime.topic, `project:${realtime.given.project.id}`]) {
    expect((await viewersOf(realtime.store, topic)).map((viewer) => viewer.connectionId)).toEqual(['b']);
  }
  await realtime.disconnect('a');
});
