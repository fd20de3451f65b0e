import { describe, expect, test } from 'vitest';
import { changeWith } from '../../../shared/store/deployments.ts';
import { endLog } from '../../../shared/store/log-chain.ts';
import { deleteToken, verifyToken } from '../../../shared/store/tokens.ts';
import { takePlace } from '../../../shared/store/waiting-places.ts';
import { eachTest } from './world.ts';

const at = eachTest();
const waited = (rest: string) =>
  at.world.send(`GET /v1/waiting/deployments/${at.world.deployment.id}${rest}`);
const lines = async (query: string) => (await waited(`/logs${query}`)).body;
const now = () => at.world.store.clock.now();

describe('a deployment that is waited for', () => {
  test('is answered at once where the revision is another, else when it is', async () => {
    const before = now();
    expect((await waited('?wait=25&revision=7')).body.revision).toBe(1);
    expect(now()).toBe(before);
    const waiting = waited('?wait=25&revision=1');
    await changeWith(at.world.store, at.world.deployment.id, () => ({ note: 'moved' }));
    expect((await waiting).body.revision).toBe(2);
    expect(now() - before).toBeLessThan(25_000);
  });

  test('is answered with what it is when the time is up', async () => {
    const before = now();
    expect(await waited('?wait=3')).toMatchObject({ status: 200, body: { revision: 1 } });
    expect(now() - before).toBe(3000);
  });
});

describe('lines that are waited for', () => {
  test('are answered with the first that come', async () => {
    const waiting = lines('?after=0&wait=25');
    await at.world.write(0, 2);
    expect((await waiting).items).toHaveLength(2);
  });

  test('end when the time is up, or the log', async () => {
    const start = now();
    expect(await lines('?wait=3')).toEqual({ items: [], nextCursor: '0' });
    expect(now() - start).toBe(3000);
    await endLog(at.world.store, at.world.deployment.id);
    expect(await lines('?wait=25')).toMatchObject({ end: { lines: 0 } });
    expect(now() - start).toBe(3000);
  });

  test('come as lines of JSON where those are asked for', async () => {
    await at.world.write(0, 2);
    const { headers, body } = await at.world.send(
      `GET /v1/waiting/deployments/${at.world.deployment.id}/logs?wait=5`,
      { headers: { accept: 'application/x-ndjson' } },
    );
    expect(headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'slipway-next-cursor': '2' });
    expect(String(body).trim().split('\n')).toHaveLength(2);
  });
});

describe('where as many wait as can', () => {
  const fill = async () => {
    // With enough others there is one for each place.
    for (let n = 0; n < 30; n += 1) await takePlace(at.world.store, 3, `somebody-${n}`);
  };

  test.each(['?wait=25&revision=1', '/logs?wait=25'])('%s is 429 with when to come again', async (rest) => {
    await fill();
    const { status, headers, body } = await waited(rest);
    expect(status).toBe(429);
    expect(headers).toMatchObject({ 'retry-after': '5', 'content-type': 'application/problem+json' });
    expect(body).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryable: true, retryAfterSeconds: 5 });
  });

  test('whoever has all of his own is refused, with another token too, while others find some', async () => {
    for (let n = 0; n < 3; n += 1) await takePlace(at.world.store, 3, 'ada');
    const token = await at.world.token([{ role: 'viewer' }]);
    const path = `GET /v1/waiting/deployments/${at.world.deployment.id}?wait=25&revision=1`;
    expect((await at.world.send(path, { token })).status).toBe(429);
    const others = Array.from({ length: 30 }, (_, n) => takePlace(at.world.store, 3, `somebody-${n}`));
    expect((await Promise.all(others)).filter((place) => place !== undefined)).toHaveLength(2);
  });

  test('whoever need not wait is answered all the same', async () => {
    await fill();
    await at.world.write(0, 1);
    expect((await lines('?wait=25')).items).toHaveLength(1);
    expect((await waited('?wait=25&revision=7')).status).toBe(200);
    expect((await waited('?wait=0')).status).toBe(200);
  });

  test('events are refused too, but never to who came by a ticket: a browser would not come again', async () => {
    await fill();
    const path = `GET /v1/deployments/${at.world.deployment.id}/events`;
    const seen = { 'last-event-id': '0.1' };
    expect((await at.world.send(path, { headers: seen })).status).toBe(429);
    const ticket = await at.world.ticket();
    const answer = await at.world.send(`${path}?ticket=${ticket}`, { token: null, headers: seen });
    // The ticket in the address counts where the id has none.
    expect(answer.status).toBe(200);
    expect(String(answer.body)).toMatch(/^retry: 5000\n\nevent: error\nid: 0\.1\.slc_/);
  });

  test('a place is free again when its request is answered, and when whoever took it died', async () => {
    for (let n = 0; n < 4; n += 1) expect((await lines('?wait=1')).items).toEqual([]);
    await fill();
    at.world.store.clock.advance(30_000);
    expect((await waited('?wait=1&revision=1')).status).toBe(200);
  });
});

test('a token that is taken back during the wait gets nothing of what came', async () => {
  const { tokenId } = await verifyToken(at.world.store, at.world.viewer);
  const waiting = waited('/logs?wait=25');
  await deleteToken(at.world.store, tokenId);
  await at.world.write(0, 2);
  expect((await waiting).status).toBe(401);
});
