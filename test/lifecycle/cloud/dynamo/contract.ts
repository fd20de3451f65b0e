import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { ConditionFailed } from '../../../../shared/errors/store.ts';
import { systemRandom } from '../../../../shared/platform/random.ts';
import type { StoreContext } from '../../../../shared/store/context.ts';
import {
  deleteItem,
  getItem,
  getItems,
  type Item,
  putItem,
  queryPage,
  transact,
  updateItem,
} from '../../../../shared/store/engine.ts';

/** An engine with empty tables of the service's shapes. */
export interface Engine {
  readonly client: DynamoDBClient;
  readonly recordsTable: string;
  readonly liveTable: string;
}

const ABSENT = { expression: 'attribute_not_exists(pk)' };
const PRESENT = { expression: 'attribute_exists(pk)' };
const key = (pk: string, sk = 'A') => ({ pk, sk });

/** What the store asks of DynamoDB: the same cases for the real engine and for the one in memory. */
export function dynamoContract(name: string, fresh: () => Promise<Engine>): void {
  const store = async (): Promise<StoreContext> => ({
    ...(await fresh()),
    clock: { now: () => 0, sleep: async () => {} },
    random: systemRandom,
    cursorKey: 'test',
  });
  const given = async (...items: Item[]) => {
    const ctx = await store();
    for (const item of items) await putItem(ctx, item, ABSENT);
    return ctx;
  };
  const refused = async (work: Promise<unknown>): Promise<ConditionFailed> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof ConditionFailed) return error;
    throw new Error('It was not refused.', { cause: error });
  };

  describe(`single items of ${name}`, () => {
    test('of several that are asked for at once those are given that are there', async () => {
      const ctx = await given({ ...key('one'), n: 1 }, { ...key('two'), n: 2 }, { ...key('two', 'B'), n: 3 });
      const found = await getItems(ctx, [key('two', 'B'), key('nobody'), key('one')]);
      expect(found.toSorted((a, b) => Number(a['n']) - Number(b['n']))).toEqual([
        { ...key('one'), n: 1 },
        { ...key('two', 'B'), n: 3 },
      ]);
    });

    test('what was put is read as it was, whatever it holds', async () => {
      const item = {
        ...key('one'),
        text: 'ä',
        number: 1.5,
        yes: true,
        nothing: null,
        list: [1, { deep: ['x'] }],
        map: { inner: { n: -3 }, empty: {} },
        bytes: new Uint8Array([1, 2, 3]),
      };
      const ctx = await given(item);
      expect(await getItem(ctx, key('one'))).toEqual(item);
      expect(await getItem(ctx, key('two'))).toBeUndefined();
    });

    test('a refused put shows what stands there and changes nothing', async () => {
      const ctx = await given({ ...key('one'), n: 1 });
      const error = await refused(putItem(ctx, { ...key('one'), n: 2 }, ABSENT));
      expect(error.items[0]).toEqual({ ...key('one'), n: 1 });
      expect(await getItem(ctx, key('one'))).toEqual({ ...key('one'), n: 1 });
    });

    test('an update makes the item where its condition does not mind', async () => {
      const ctx = await store();
      const update = { update: 'SET #n = :n', names: { '#n': 'n' }, values: { ':n': 1 } };
      const made = await updateItem(ctx, key('one'), {
        ...update,
        expression: 'attribute_not_exists(#n) OR #n < :n',
      });
      expect(made).toEqual({ ...key('one'), n: 1 });
    });

    test('an update sets, adds, appends and removes, on the item as it was before', async () => {
      const ctx = await given({ ...key('one'), a: 1, b: 2, list: ['x'], gone: 'yes', map: { p: 1, q: 2 } });
      const after = await updateItem(ctx, key('one'), {
        update:
          'SET a = b, b = a + :one, fresh = if_not_exists(fresh, :one), kept = if_not_exists(a, :nine), ' +
          '#list = list_append(#list, :more), #map.p = :nine REMOVE gone, #map.q ADD hits :one',
        expression: 'a = :one',
        names: { '#list': 'list', '#map': 'map' },
        values: { ':one': 1, ':nine': 9, ':more': ['y'] },
      });
      expect(after).toEqual({
        ...key('one'),
        a: 2,
        b: 2,
        fresh: 1,
        kept: 1,
        list: ['x', 'y'],
        map: { p: 9 },
        hits: 1,
      });
    });

    test('a delete answers with what was there', async () => {
      const ctx = await given({ ...key('one'), n: 1 });
      expect(await deleteItem(ctx, key('one'), PRESENT)).toEqual({ ...key('one'), n: 1 });
      await refused(deleteItem(ctx, key('one'), PRESENT));
      expect(await deleteItem(ctx, key('one'), ABSENT)).toBeUndefined();
    });
  });

  describe(`conditions of ${name}`, () => {
    const holding: [string, Record<string, unknown>][] = [
      ['n = :one', { ':one': 1 }],
      ['n <> :two', { ':two': 2 }],
      ['n < :two AND n <= :one', { ':two': 2, ':one': 1 }],
      ['n > :two OR s = :text', { ':two': 2, ':text': 'hello' }],
      ['NOT n = :two', { ':two': 2 }],
      ['NOT (n = :one AND s = :other)', { ':one': 1, ':other': 'x' }],
      ['n BETWEEN :zero AND :two', { ':zero': 0, ':two': 2 }],
      ['s IN (:other, :text)', { ':other': 'x', ':text': 'hello' }],
      ['begins_with(s, :start)', { ':start': 'hell' }],
      ['contains(s, :part)', { ':part': 'ell' }],
      ['contains(l, :two)', { ':two': 'two' }],
      ['attribute_exists(m.deep) AND attribute_not_exists(m.nobody)', {}],
      ['attribute_type(s, :kind)', { ':kind': 'S' }],
      ['size(s) = :five', { ':five': 5 }],
      ['nobody <> :one', { ':one': 1 }],
      ['m = :map', { ':map': { deep: { x: 1 } } }],
      ['l[1] = :two', { ':two': 'two' }],
      // AND binds closer than OR.
      ['n = :one OR n = :two AND s = :other', { ':one': 1, ':two': 2, ':other': 'x' }],
    ];
    const failing: [string, Record<string, unknown>][] = [
      ['n = :text', { ':text': '1' }],
      ['nobody = :one', { ':one': 1 }],
      ['nobody < :one', { ':one': 1 }],
      ['NOT n <> :two', { ':two': 2 }],
      ['s < :capital', { ':capital': 'Z' }],
      ['(n = :one OR n = :two) AND s = :other', { ':one': 1, ':two': 2, ':other': 'x' }],
      ['begins_with(s, :start)', { ':start': 'ello' }],
    ];
    const item = { ...key('one'), n: 1, s: 'hello', l: ['one', 'two'], m: { deep: { x: 1 } } };
    const attempt = async (expression: string, values: Record<string, unknown>) => {
      const ctx = await given(item);
      return updateItem(ctx, key('one'), {
        update: 'SET done = :done',
        expression,
        values: { ...values, ':done': true },
      });
    };

    test.each(holding)('%s holds', async (expression, values) => {
      expect(await attempt(expression, values)).toEqual({ ...item, done: true });
    });

    test.each(failing)('%s does not hold', async (expression, values) => {
      await refused(attempt(expression, values));
    });
  });

  describe(`transactions of ${name}`, () => {
    const put = (pk: string, n: number, condition = ABSENT) => ({ put: { ...key(pk), n }, condition });

    test('write everything or nothing, and name what was refused', async () => {
      const ctx = await given({ ...key('b'), n: 1 });
      const error = await refused(transact(ctx, [put('a', 1), put('b', 2), put('c', 3)]));
      expect(error.failed).toEqual([1]);
      expect(error.items[1]).toEqual({ ...key('b'), n: 1 });
      expect(await getItem(ctx, key('a'))).toBeUndefined();
      await transact(ctx, [
        put('a', 1),
        {
          key: key('b'),
          update: { update: 'SET n = :n', expression: 'n = :one', values: { ':n': 5, ':one': 1 } },
        },
        { checkKey: key('c'), condition: ABSENT },
      ]);
      expect(await getItem(ctx, key('b'))).toEqual({ ...key('b'), n: 5 });
      await transact(ctx, [{ deleteKey: key('a'), condition: PRESENT }]);
      expect(await getItem(ctx, key('a'))).toBeUndefined();
    });

    test('write to both tables', async () => {
      const ctx = await store();
      await transact(ctx, [put('a', 1), { ...put('a', 2), table: 'live' }]);
      expect(await getItem(ctx, key('a'), { table: 'live' })).toEqual({ ...key('a'), n: 2 });
    });

    test('two that change one item at once, each on what it read: one of them is refused', async () => {
      const ctx = await given({ ...key('a'), n: 1 });
      const raise = () =>
        transact(ctx, [
          {
            key: key('a'),
            update: { update: 'SET n = :n', expression: 'n = :one', values: { ':n': 2, ':one': 1 } },
          },
        ]);
      const outcomes = await Promise.allSettled([raise(), raise()]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe(`queries of ${name}`, () => {
    const where = (pk: string, more = '', values: Record<string, unknown> = {}) => ({
      expression: `pk = :pk${more}`,
      values: { ':pk': pk, ...values },
    });
    const rows = async () => given(...['C', 'A', 'B#1', 'B#2'].map((sk) => ({ ...key('p', sk) })), key('q'));
    const sks = (items: readonly Item[]) => items.map(({ sk }) => sk);

    test('give a partition in the order of its sort keys, both ways', async () => {
      const ctx = await rows();
      const all = await queryPage(ctx, { where: where('p'), consistent: true });
      expect(sks(all.items)).toEqual(['A', 'B#1', 'B#2', 'C']);
      const back = await queryPage(ctx, { where: where('p'), order: 'desc', consistent: true });
      expect(sks(back.items)).toEqual(['C', 'B#2', 'B#1', 'A']);
    });

    test('take a part of the sort keys', async () => {
      const ctx = await rows();
      const some = await queryPage(ctx, {
        where: where('p', ' AND begins_with(sk, :b)', { ':b': 'B#' }),
        consistent: true,
      });
      expect(sks(some.items)).toEqual(['B#1', 'B#2']);
      const below = await queryPage(ctx, {
        where: where('p', ' AND sk < :b', { ':b': 'B#2' }),
        consistent: true,
      });
      expect(sks(below.items)).toEqual(['A', 'B#1']);
    });

    test.each(['asc', 'desc'] as const)('go on after a page (%s) until nothing is left', async (order) => {
      const ctx = await rows();
      const seen: unknown[] = [];
      let page = await queryPage(ctx, { where: where('p'), limit: 3, order, consistent: true });
      seen.push(...sks(page.items));
      while (page.next !== undefined) {
        page = await queryPage(ctx, {
          where: where('p'),
          limit: 3,
          order,
          after: page.next,
          consistent: true,
        });
        seen.push(...sks(page.items));
      }
      const all = ['A', 'B#1', 'B#2', 'C'];
      expect(seen).toEqual(order === 'asc' ? all : all.toReversed());
    });

    test('on an index give what it keeps of the items that are in it, as they are now', async () => {
      const ctx = await given(
        { ...key('x'), wpk: 'OPEN', wsk: '2', other: 1, summary: { s: 1 } },
        { ...key('y'), wpk: 'OPEN', wsk: '1', other: 1 },
        { ...key('z'), other: 1 },
      );
      const open = () =>
        queryPage(ctx, { index: 'work', where: { expression: 'wpk = :open', values: { ':open': 'OPEN' } } });
      expect((await open()).items).toEqual([
        { ...key('y'), wpk: 'OPEN', wsk: '1' },
        { ...key('x'), wpk: 'OPEN', wsk: '2' },
      ]);
      await updateItem(ctx, key('y'), { update: 'REMOVE wpk, wsk', ...PRESENT });
      expect((await open()).items.map(({ pk }) => pk)).toEqual(['x']);
    });

    test('on an index of rows give the summary with the keys', async () => {
      const row = { ...key('x'), g0pk: 'PRJS', g0sk: 'shop', summary: { name: 'shop' } };
      const ctx = await given({ ...row, secret: 'no' });
      const where = { expression: 'g0pk = :all', values: { ':all': 'PRJS' } };
      expect((await queryPage(ctx, { index: 'all', where })).items).toEqual([row]);
    });
  });
}
