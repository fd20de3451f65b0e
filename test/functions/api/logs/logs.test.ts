import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { LogVerifier } from '../../../../client/src/logs/verify.ts';
import { type LogPage, logPage } from '../../../../shared/contracts/logs.ts';
import type { Deployment } from '../../../../shared/domain/records.ts';
import { deploymentItem } from '../../../../shared/store/deployment-item.ts';
import { putItem } from '../../../../shared/store/engine.ts';
import { archiveLog } from '../../../../shared/store/log-archive.ts';
import { appendLines, endLog } from '../../../../shared/store/log-chain.ts';
import { redeemTicket } from '../../../../shared/store/tickets.ts';
import { numbered } from '../../../shared/store/log-chain/lines.ts';
import { type Given, givenDeployment, givenProject } from '../../../support/given.ts';
import { type TestApi, testApi } from '../support.ts';

let api: TestApi;
let given: Given;
let deployment: Deployment;
beforeEach(async () => {
  api = await testApi();
  given = await givenProject(api.store);
  deployment = await givenDeployment(api.store, given);
});

const write = (from: number, to: number) =>
  appendLines(api.store, deployment.id, 'build.0', from, numbered(from, to));

const path = (query = '') => `GET /v1/deployments/${deployment.id}/logs${query}`;

async function page(query = ''): Promise<LogPage> {
  const { status, body } = await api.send(path(query));
  expect(status).toBe(200);
  return logPage.parse(body);
}

const numbers = ({ items }: LogPage) => items.map((line) => line.n);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The deployment as its settlement and the closing of its log leave it. */
async function finish(): Promise<void> {
  const ended = {
    ...deployment,
    status: 'succeeded',
    finishedAt: deployment.createdAt,
    durationSeconds: 1,
    closing: false,
  } as Deployment;
  await endLog(api.store, deployment.id);
  await archiveLog(api.store, (await api.deps.artifacts()).objects, deployment.id);
  await putItem(api.store, deploymentItem(ended), { expression: 'attribute_exists(pk)' });
}

describe('pages', () => {
  test('begin at the first line, go on by the cursor, and end with what proves the log whole', async () => {
    await write(0, 250);
    const first = await page();
    expect(numbers(first)).toEqual(range(1, 100));
    expect(first).toMatchObject({ nextCursor: '100' });
    expect(first.items[0]).toEqual({
      n: 1,
      at: '2025-01-15T12:00:00.000Z',
      level: 'info',
      step: 'build',
      source: 'build',
      message: 'build 0',
    });
    const rest = await page(`?after=${first.nextCursor}&limit=1000`);
    expect(numbers(rest)).toEqual(range(101, 250));
    // More may come, so there is a place to go on from.
    expect(rest).toMatchObject({ nextCursor: '250', previousCursor: '101' });

    const end = await endLog(api.store, deployment.id);
    const last = await page('?after=250');
    expect(last).toEqual({ items: [], end, previousCursor: '251' });
    const verifier = new LogVerifier();
    for (const line of [...first.items, ...rest.items]) await verifier.add(line);
    expect(verifier.agrees(end)).toBe(true);
  });

  test('may begin at the end, or before a line', async () => {
    await write(0, 50);
    const tail = await page('?tail=5');
    expect(numbers(tail)).toEqual(range(46, 50));
    expect(tail.previousCursor).toBe('46');
    expect(numbers(await page('?before=46&limit=3'))).toEqual([43, 44, 45]);
    expect((await page('?before=4')).previousCursor).toBeUndefined();
  });

  test('of a search hold the lines that match, and the cursor passes over the others', async () => {
    await write(0, 500);
    const found = await page('?search=BUILD%20499&limit=10');
    expect(numbers(found)).toEqual([500]);
    const none = await page('?level=error');
    expect(none).toMatchObject({ items: [], nextCursor: '500' });
  });

  test('of very long lines end early, so that the answer stays within what a function may answer', async () => {
    const long = numbered(0, 40).map((line) => ({ ...line, message: '\u0001'.repeat(60_000) }));
    await appendLines(api.store, deployment.id, 'build.0', 0, long);
    let seen = 0;
    for (let after = 0; seen < 40; ) {
      const { items, nextCursor } = await page(`?after=${after}&limit=1000`);
      expect(JSON.stringify(items).length).toBeLessThan(6_000_000);
      seen += items.length;
      after = Number(nextCursor);
    }
    expect(seen).toBe(40);
  });
});

test('a page that somebody has is not sent again, and no browser keeps it where a purge would not find it', async () => {
  await write(0, 3);
  for (const accept of ['application/json', 'application/x-ndjson']) {
    const ask = (headers = {}) => api.send(path('?limit=2'), { headers: { accept, ...headers } });
    const { headers } = await ask();
    expect(headers).toMatchObject({ etag: expect.any(String), 'cache-control': 'no-store' });
    expect((await ask({ 'if-none-match': headers['etag'] })).status).toBe(304);
  }
});

test('lines to come are waited for elsewhere: a redirect says where, with the query as it is', async () => {
  const { status, headers } = await api.send(path('?after=0&wait=25&search=a%20b'));
  expect(status).toBe(307);
  const asked = `https://api.test/v1/deployments/${deployment.id}/logs?after=0&wait=25&search=a%20b`;
  expect(new URL(headers['location'] ?? '', asked).href).toBe(
    `https://api.test/v1/waiting/deployments/${deployment.id}/logs?after=0&wait=25&search=a%20b`,
  );
});

describe('NDJSON', () => {
  const ndjson = { headers: { accept: 'application/x-ndjson' } };

  test('has a line for a line, and its cursor in a header', async () => {
    await write(0, 3);
    const { status, headers, body } = await api.send(path('?limit=2'), ndjson);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'slipway-next-cursor': '2' });
    const lines = String(body).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['build 0', 'build 1']);
  });

  test('of a whole finished log is a link to its archive', async () => {
    await write(0, 3);
    await finish();
    const { status, headers } = await api.send(path(), ndjson);
    expect(status).toBe(303);
    const bytes = Buffer.from(await (await fetch(headers['location'] ?? '')).arrayBuffer());
    expect(gunzipSync(bytes).toString().split('\n')).toHaveLength(4);
    // A part of it is a page.
    expect((await api.send(path('?after=1'), ndjson)).status).toBe(200);
  });
});

test('a page of a search fits an answer, however many hits its lines have', async () => {
  const message = `${'\u0001'.repeat(600)}${'a'.repeat(120)}`;
  const lines = numbered(0, 1000).map((line) => ({ ...line, message }));
  await appendLines(api.store, deployment.id, 'build.0', 0, lines);
  const { body } = await api.send(path('?limit=1000&search=a'));
  const [first] = logPage.parse(body).items;
  expect(first?.hits).toHaveLength(100);
  expect(JSON.stringify(JSON.stringify(body)).length).toBeLessThan(6 * 1024 * 1024);
  expect(body.nextCursor).toBe(String(body.items.length));
});

describe('plain text', () => {
  const text = { headers: { accept: 'text/plain' } };
  const colourful = '\u001b[32mdone\u001b[0m';

  test('is the messages as they were printed, and its cursor stands in a header', async () => {
    const lines = numbered(0, 3).map((line, i) => (i === 1 ? { ...line, message: colourful } : line));
    await appendLines(api.store, deployment.id, 'build.0', 0, lines);
    const { status, headers, body } = await api.send(path('?limit=2'), text);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'slipway-next-cursor': '2',
    });
    expect(body).toBe(`build 0\n${colourful}\n`);
  });

  test('has a line for each line, whatever a message that was stored long ago holds', async () => {
    const forged = numbered(0, 2).map((line) => ({ ...line, message: 'ok\nforged' }));
    await appendLines(api.store, deployment.id, 'build.0', 0, forged);
    expect((await api.send(path(), text)).body).toBe('ok\u240aforged\nok\u240aforged\n');
  });

  test('of a whole finished log is a link to a text that any client shows', async () => {
    await write(0, 3);
    await finish();
    const { status, headers } = await api.send(path(), text);
    expect(status).toBe(303);
    const file = await fetch(headers['location'] ?? '');
    expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await file.text()).toBe('build 0\nbuild 1\nbuild 2\n');
    expect((await api.send(path('?tail=1'), text)).body).toBe('build 2\n');
  });

  test.each([
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    ['TEXT/PLAIN;q=0.9, application/json', 'text/plain; charset=utf-8'],
    ['application/json, text/plain', 'application/json'],
  ])('is what a client gets that accepts %s first: %s', async (accept, type) => {
    await write(0, 1);
    const { headers } = await api.send(path(), { headers: { accept } });
    expect(headers['content-type']).toBe(type);
  });
});

test('what the database has forgotten comes from the archive, and the reader does not notice', async () => {
  await write(0, 30);
  await finish();
  const queries = ['', '?after=10&limit=5', '?tail=3', '?before=9&limit=2', '?search=build%2029'];
  const before = await Promise.all(queries.map(page));
  api.store.clock.advance(31 * 86_400_000);
  for (const [i, query] of queries.entries()) {
    const { items, previousCursor } = await page(query);
    expect({ items, previousCursor }).toEqual({
      items: before[i]?.items,
      previousCursor: before[i]?.previousCursor,
    });
  }
});

test('bad queries are refused with the name of the parameter', async () => {
  for (const [query, field] of [
    ['?after=-1', '/after'],
    ['?after=x', '/after'],
    ['?after=1&tail=2', '/tail'],
    ['?before=0', '/before'],
    ['?limit=1001', '/limit'],
    ['?tail=0', '/tail'],
    ['?level=loud', '/level'],
    ['?since=yesterday', '/since'],
    ['?search=', '/search'],
    ['?wait=26', '/wait'],
    ['?color=red', '/color'],
  ] as const) {
    expect(await api.send(path(query))).toMatchObject({ status: 400, body: { field } });
  }
});

test('a log of something that the caller may not see is not there', async () => {
  const token = await api.token([{ role: 'admin', projectId: 'prj_01JHN0000000000000000000ZZ' }]);
  expect(await api.send(path(), { token })).toMatchObject({
    status: 404,
    body: { code: 'DEPLOYMENT_NOT_FOUND' },
  });
});

describe('a ticket', () => {
  test('is for the caller, and names where to connect', async () => {
    const { status, body } = await api.send('POST /v1/realtime/tickets');
    expect(status).toBe(201);
    const { ticket, url } = body as unknown as { ticket: string; url: string };
    expect(url).toBe('wss://sockets.test');
    expect(await redeemTicket(api.store, ticket)).toMatchObject({ subject: 'root', kind: 'api' });
  });

  test('is shown once: a repeat with the same key does not have it', async () => {
    const sent = { headers: { 'idempotency-key': 'one' } };
    const first = await api.send('POST /v1/realtime/tickets', sent);
    const again = await api.send('POST /v1/realtime/tickets', sent);
    expect(again.status).toBe(201);
    expect(first.body).toHaveProperty('ticket');
    expect(again.body).not.toHaveProperty('ticket');
  });
});
