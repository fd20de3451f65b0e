import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { httpHandler } from '../../../functions/http/handler.ts';
import { asFirstAnswer, created } from '../../../functions/http/reply.ts';
import { defineRoute, type EdgeDeps } from '../../../functions/http/route.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { MUST_NOT_EXIST } from '../../../shared/store/conditions.ts';
import { transact } from '../../../shared/store/engine.ts';
import { hashBody, IDEMPOTENCY_SECONDS } from '../../../shared/store/idempotency.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { inBetween } from '../../support/in-between.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { answerOf, contextOf, eventOf, recordingLog } from '../api/support.ts';

const route = defineRoute<EdgeDeps>();
let runs = 0;

/** Makes an item and keeps the answer in the same transaction, as every creating route does. */
const inTransaction = route({
  method: 'POST',
  path: '/v1/things/{shelf}',
  auth: 'signed-in',
  params: z.strictObject({ shelf: z.string() }),
  body: z.strictObject({ name: z.string() }),
  handle: async ({ body, deps, idempotency }) => {
    runs += 1;
    const id = `thing-${deps.store.random.ulid(deps.store.clock.now())}`;
    const reply = created({ id, name: body.name }, `/v1/things/${id}`);
    const kept = idempotency === undefined ? [] : [idempotency.write(asFirstAnswer(reply), id)];
    const put = { pk: `THING#${id}`, sk: 'THING' };
    await transact(deps.store, [{ put, condition: MUST_NOT_EXIST }, ...kept]);
    return reply;
  },
});

/** Work without a transaction: what it does may be done again. */
const afterwards = route({
  method: 'POST',
  path: '/v1/orders',
  auth: 'signed-in',
  body: z.strictObject({ ok: z.boolean() }),
  handle: async ({ body }) => {
    runs += 1;
    if (!body.ok) throw new Conflict('INVALID_STATE', 'Not now.');
    return { status: 202, body: { run: runs } };
  },
});

let store: TestStore;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  store = await freshStore();
  for (const subject of ['ada', 'bob']) {
    const made = newToken(store, {
      kind: 'api',
      name: 'test',
      subject,
      grants: [{ role: 'admin' }],
      groups: [],
      createdBy: 'test',
    });
    await transact(store, [made.write]);
    tokens[subject] = made.secret;
  }
});
beforeEach(() => {
  runs = 0;
});

async function post(path: string, body: unknown, key?: string, subject = 'ada', context = store) {
  const handler = httpHandler([inTransaction, afterwards], { store: context, log: recordingLog([], {}) });
  const token = tokens[subject] ?? null;
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  const event = eventOf(`POST ${path}`, { body, token, headers }, '');
  return answerOf(await handler(event, contextOf()));
}

describe('same key and same body', () => {
  test('get the same answer, and the work is done once', async () => {
    const first = await post('/v1/things/a', { name: 'x' }, 'same');
    const second = await post('/v1/things/a', { name: 'x' }, 'same');
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers['location']).toBe(first.headers['location']);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(runs).toBe(1);
  });

  test('get the same answer when fifty arrive at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/v1/things/a', { name: 'crowd' }, 'crowd')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test('get the answer that was kept first where the work is not one transaction', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('/v1/orders', { ok: true }, 'orders')),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const later = await post('/v1/orders', { ok: true }, 'orders');
    expect(later.body).toEqual(answers[0]?.body);
  });
});

test('the first answer is not called a repeat, and without a key there are no repeats', async () => {
  const first = await post('/v1/things/a', { name: 'x' }, 'first');
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  const answers = [await post('/v1/things/a', { name: 'x' }), await post('/v1/things/a', { name: 'x' })];
  expect(new Set([first, ...answers].map(({ body }) => body.id)).size).toBe(3);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(runs).toBe(3);
});

test.each([
  ['', 'TOO_SMALL'],
  ['k'.repeat(256), 'TOO_BIG'],
])(
  'a key of no or of more than 255 characters is refused before anything is done: "%s"',
  async (key, code) => {
    const { body } = await post('/v1/things/a', { name: 'x' }, key);
    expect(body).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      errors: [{ field: '/Idempotency-Key', code, message: 'must have 1-255 characters' }],
    });
    expect(runs).toBe(0);
  },
);

test.each(['k', 'k'.repeat(255)])('a key may have from one to 255 characters: "%s"', async (key) => {
  expect((await post('/v1/things/a', { name: 'x' }, key)).status).toBe(201);
});

test('an answer that could not be kept is not given: a repeat would do the work again', async () => {
  const context = inBetween(store, (command) => {
    if (command instanceof TransactWriteItemsCommand) throw new Error('the connection was reset');
  });
  expect((await post('/v1/orders', { ok: true }, 'unkept', 'ada', context)).status).toBe(500);
  expect((await post('/v1/orders', { ok: true }, 'unkept')).headers).not.toHaveProperty(
    'idempotency-replayed',
  );
});

test('a key is worth nothing to another body, path or subject', async () => {
  const first = await post('/v1/things/a', { name: 'x' }, 'scope');
  const otherBody = await post('/v1/things/a', { name: 'y' }, 'scope');
  expect(otherBody.body).toMatchObject({
    status: 422,
    code: 'IDEMPOTENCY_MISMATCH',
    field: '/Idempotency-Key',
  });
  const otherPath = await post('/v1/things/b', { name: 'x' }, 'scope');
  const otherSubject = await post('/v1/things/a', { name: 'x' }, 'scope', 'bob');
  expect(new Set([first.body.id, otherPath.body.id, otherSubject.body.id]).size).toBe(3);
});

test('a refusal is not kept: the key is good once the request is', async () => {
  expect((await post('/v1/orders', { ok: false }, 'later')).body.code).toBe('INVALID_STATE');
  expect((await post('/v1/orders', { ok: true }, 'later')).status).toBe(202);
});

test('an expired key is a new key, though its record is still there', async () => {
  const first = await post('/v1/things/a', { name: 'x' }, 'old');
  store.clock.advance((IDEMPOTENCY_SECONDS - 1) * 1000);
  expect((await post('/v1/things/a', { name: 'x' }, 'old')).body.id).toBe(first.body.id);
  store.clock.advance(1000);
  const second = await post('/v1/things/a', { name: 'y' }, 'old');
  expect(second.status).toBe(201);
  expect(second.body.id).not.toBe(first.body.id);
});

test('the order of fields does not make another body, anything else does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (fields, other) => {
      const reversed = Object.fromEntries(Object.entries(fields).reverse());
      expect(hashBody(reversed)).toBe(hashBody(fields));
      const plain = JSON.parse(JSON.stringify(fields));
      expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      if (canonicalJson(other) !== canonicalJson(plain)) expect(hashBody(other)).not.toBe(hashBody(plain));
    }),
  );
});
