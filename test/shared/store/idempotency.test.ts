import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { getItem, transact } from '../../../shared/store/engine.ts';
import {
  answerWrite,
  type FirstAnswer,
  findAnswer,
  hashBody,
  IDEMPOTENCY_SECONDS,
  type IdempotencyScope,
} from '../../../shared/store/idempotency.ts';
import { idempotencyKey } from '../../../shared/store/keys.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});
const at = Date.UTC(2025, 0, 15, 12);
const scope = (over: Partial<IdempotencyScope> = {}): IdempotencyScope => ({
  subject: 'ann',
  route: 'POST /v1/deployments',
  key: 'k-1',
  bodyHash: hashBody({ a: 1 }),
  at,
  ...over,
});
const answer = { status: 201, location: '/v1/things/1', body: { id: 'thing_1' } };
const keep = (to = scope(), what: FirstAnswer = answer) =>
  transact(store, [answerWrite(to, what, 'thing_1')]);

describe('the first answer to a key', () => {
  test('is kept under a hash of the key, for a day, with what it answers to', async () => {
    await keep();
    const hash = createHash('sha256').update('k-1').digest('hex');
    const key = idempotencyKey('ann', 'POST /v1/deployments', hash);
    expect(key.pk).toBe(`IDEM#ann#POST /v1/deployments#${hash}`);
    expect(await getItem(store, key)).toEqual({
      ...key,
      kind: 'idempotency',
      v: 2,
      bodyHash: createHash('sha256').update('{"a":1}').digest('hex'),
      id: 'thing_1',
      status: 201,
      location: '/v1/things/1',
      body: new Uint8Array(deflateRawSync('{"id":"thing_1"}')),
      expiresAt: at / 1000 + 24 * 3600,
    });
  });

  test('is found as it was given, with or without a location', async () => {
    expect(await findAnswer(store, scope())).toBeUndefined();
    await keep();
    expect(await findAnswer(store, scope())).toStrictEqual(answer);
    const other = scope({ key: 'k-2' });
    await keep(other, { status: 202, body: null });
    expect(await findAnswer(store, other)).toStrictEqual({ status: 202, body: null });
  });

  test('of before it was compressed is found as well', async () => {
    const [write] = [answerWrite(scope(), answer, 'thing_1')];
    if (!('put' in write)) throw new TypeError('It was to be a put.');
    await transact(store, [{ ...write, put: { ...write.put, v: 1, body: '{"id":"thing_1"}' } }]);
    expect(await findAnswer(store, scope())).toStrictEqual(answer);
  });

  test('is refused to another body, and says what to do', async () => {
    await keep();
    await expect(findAnswer(store, scope({ bodyHash: hashBody({ a: 2 }) }))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
      message: 'This Idempotency-Key was used with another body.',
      field: '/Idempotency-Key',
      suggestion: 'Send a new key with a new request, or the first body with this key.',
    });
  });

  test.each([
    ['subject', { subject: 'bob' }],
    ['route', { route: 'POST /v1/projects' }],
    ['key', { key: 'k-2' }],
  ])('is nothing to another %s', async (_what, over) => {
    await keep();
    expect(await findAnswer(store, scope(over))).toBeUndefined();
    await keep(scope(over));
  });

  test.each([
    [IDEMPOTENCY_SECONDS * 1000 - 1, 'stands'],
    [IDEMPOTENCY_SECONDS * 1000, 'is gone'],
    [IDEMPOTENCY_SECONDS * 1000 + 1, 'is gone'],
  ] as const)('%i ms later %s, to whoever looks and whoever writes alike', async (ms, what) => {
    await keep();
    const later = scope({ at: at + ms });
    const second = { ...answer, status: 202 };
    if (what === 'is gone') {
      expect(await findAnswer(store, later)).toBeUndefined();
      await keep(later, second);
      expect(await findAnswer(store, later)).toStrictEqual(second);
    } else {
      expect(await findAnswer(store, later)).toStrictEqual(answer);
      await expect(keep(later, second)).rejects.toThrow(ConditionFailed);
    }
  });
});
