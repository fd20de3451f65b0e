import { beforeEach, expect, test } from 'vitest';
import type { NewLine } from '../../../../shared/domain/log.ts';
import { type AppendOptions, appendLines, endLog, readTail } from '../../../../shared/store/log-chain.ts';
import { freshStore, type TestStore } from '../../../support/store.ts';
import { allChunks, allLines } from './chain.ts';
import { DEPLOYMENT, messages, numbered } from './lines.ts';

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});

const append = (offset: number, lines: readonly NewLine[], options: AppendOptions = {}, producer = 'build') =>
  appendLines(store, DEPLOYMENT, producer, offset, lines, options);

test('a full log says so once, counts what it does not keep, and still takes lines of the service', async () => {
  const limits = { lines: 1000, bytes: 60 };
  const first = await append(0, numbered(0, 10), { limits });
  // `build 0` to `build 7` are 56 bytes; the ninth would be over.
  expect(messages(first.lines).slice(0, 8)).toEqual(messages(numbered(0, 8)));
  expect(first.lines[8]).toMatchObject({ n: 9, level: 'warn', source: 'system' });
  expect(first).toMatchObject({ nextOffset: 10, repeated: false });
  expect(first.lines).toHaveLength(9);

  expect(await append(10, numbered(10, 30), { limits })).toMatchObject({ lines: [], nextOffset: 30 });
  const said = await append(
    0,
    [{ ...numbered(0, 1)[0], source: 'system', message: 'failed' } as NewLine],
    {},
    's',
  );
  expect(said.firstLine).toBe(10);

  const end = await endLog(store, DEPLOYMENT, { limits });
  const lines = await allLines(store);
  expect(lines.at(-1)?.message).toBe('22 lines were counted and not kept, because the log was full.');
  expect(end.lines).toBe(11);
  expect(await endLog(store, DEPLOYMENT, { limits })).toEqual(end);
});

test('the limit on lines counts as the one on bytes does', async () => {
  await append(0, numbered(0, 10), { limits: { lines: 4, bytes: 1000 } });
  expect(messages(await allLines(store)).slice(0, 4)).toEqual(messages(numbered(0, 4)));
  expect((await readTail(store, DEPLOYMENT)).dropped).toBe(6);
});

test('lines of 64 KB stay whole, and no chunk grows past what an item can hold', async () => {
  const random = Array.from({ length: 6 }, () => store.random.secret(65_536).slice(0, 65_536));
  const lines = random.map((message, i) => ({ ...(numbered(i, i + 1)[0] as NewLine), message }));
  await append(0, lines);
  expect(messages(await allLines(store))).toEqual(random);
  for (const chunk of await allChunks(store)) expect(chunk.count).toBe(1);
});

test('a longer line becomes several, and the producer still counts it as one', async () => {
  const long = 'z'.repeat(150_000);
  const appended = await append(0, [{ ...(numbered(0, 1)[0] as NewLine), message: long }]);
  expect(appended).toMatchObject({ nextOffset: 1 });
  expect(messages(appended.lines).join('').replaceAll('……', '')).toBe(long);
  expect((await append(0, [{ ...(numbered(0, 1)[0] as NewLine), message: long }])).repeated).toBe(true);
});

test('what has no UTF-8 form is replaced before it is counted and hashed', async () => {
  const message = 'lone \ud800 surrogate';
  await append(0, [{ ...(numbered(0, 1)[0] as NewLine), message, step: 'a\nb' }]);
  expect(await allLines(store)).toMatchObject([{ message: 'lone \ufffd surrogate', step: 'a b' }]);
});
