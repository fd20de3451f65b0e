import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { LogEnded, OffsetMismatch } from '../../../../shared/errors/logs.ts';
import { changeWith } from '../../../../shared/store/deployments.ts';
import { appendLines, endLog, readTail } from '../../../../shared/store/log-chain.ts';
import { LogTails } from '../../../../shared/store/log-tails.ts';
import { givenDeployment, givenProject } from '../../../support/given.ts';
import { freshStore, type TestStore } from '../../../support/store.ts';
import { allLines, sabotaged } from './chain.ts';
import { DEPLOYMENT, messages, numbered } from './lines.ts';

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});

const append = (offset: number, to: number, producer = 'build', tails?: LogTails) =>
  appendLines(store, DEPLOYMENT, producer, offset, numbered(offset, to, producer), { tails });

test('lines get numbers from 1 without a gap, over batches and producers', async () => {
  await append(0, 3);
  const second = await append(0, 2, 'gate');
  const third = await append(3, 5);
  expect(second).toMatchObject({ firstLine: 4, nextOffset: 2, repeated: false });
  expect(third.lines.map((line) => line.n)).toEqual([6, 7]);
  const lines = await allLines(store);
  expect(lines.map((line) => line.n)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(messages(lines)).toEqual([
    'build 0',
    'build 1',
    'build 2',
    'gate 0',
    'gate 1',
    'build 3',
    'build 4',
  ]);
});

test('a repeated batch is recognised behind another producer, and its lines come back with their numbers', async () => {
  await append(0, 3);
  await append(0, 2, 'gate');
  const again = await append(0, 3);
  expect(again).toMatchObject({ firstLine: 1, nextOffset: 3, repeated: true });
  expect(messages(again.lines)).toEqual(['build 0', 'build 1', 'build 2']);
  expect(await allLines(store)).toHaveLength(5);
});

test('a repeated batch comes back without what was purged since, also before its chunk forgets it', async () => {
  const { id } = await givenDeployment(store, await givenProject(store));
  const batch = () => appendLines(store, id, 'build', 0, numbered(0, 3));
  await batch();
  const purge = { from: 2, to: 2, reason: 'a key', by: 'ann', at: new Date(store.clock.now()).toISOString() };
  await changeWith(store, id, () => ({ purges: [purge] }));
  expect(messages((await batch()).lines)).toEqual(['build 0', '[purged]', 'build 2']);
});

test('of an overlapping batch only what is new goes in', async () => {
  await append(0, 3);
  expect(messages((await append(1, 5)).lines)).toEqual(['build 3', 'build 4']);
  expect(messages(await allLines(store))).toEqual(messages(numbered(0, 5)));
});

test('a batch that would leave a gap is refused with the offset to go on from, and writes nothing', async () => {
  await append(0, 3);
  const gap = append(4, 5);
  await expect(gap).rejects.toThrow(OffsetMismatch);
  await expect(gap).rejects.toMatchObject({ nextOffset: 3 });
  expect((await readTail(store, DEPLOYMENT)).chunk).toBe(1);
});

test('a process that remembers an old tail neither loses nor repeats, and does not see gaps that are none', async () => {
  const [here, there] = [new LogTails(), new LogTails()];
  await append(0, 2, 'build', here);
  await append(2, 4, 'build', there);
  // `here` still believes that 2 is next.
  await append(4, 6, 'build', here);
  const repeated = await append(4, 6, 'build', there);
  expect(repeated.repeated).toBe(true);
  expect(messages(await allLines(store))).toEqual(messages(numbered(0, 6)));
});

test('with a remembered tail an append is one write and no read', async () => {
  const tails = new LogTails();
  await append(0, 2, 'build', tails);
  const used: string[] = [];
  const watched = sabotaged(store, (command) => {
    used.push(command);
    return 'go-on';
  });
  await appendLines(watched, DEPLOYMENT, 'build', 2, numbered(2, 4), { tails });
  expect(used).toEqual(['PutItemCommand']);
});

test('an empty batch writes nothing and tells where to go on', async () => {
  await append(0, 3);
  expect(await append(3, 3)).toMatchObject({ lines: [], nextOffset: 3, repeated: false });
  expect((await readTail(store, DEPLOYMENT)).chunk).toBe(1);
});

test('a write whose answer was lost is found again, not repeated', async () => {
  await append(0, 2);
  const deaf = sabotaged(store, (command) => (command === 'PutItemCommand' ? 'lose-answer' : 'go-on'));
  await expect(appendLines(deaf, DEPLOYMENT, 'build', 2, numbered(2, 4))).rejects.toThrow('answer lost');
  const again = await append(2, 4);
  expect(again).toMatchObject({ firstLine: 3, repeated: true });
  expect(messages(await allLines(store))).toEqual(messages(numbered(0, 4)));
});

test('a large batch becomes several chunks; a crash between them leaves a whole beginning', async () => {
  const lines = numbered(0, 20).map((line) => ({
    ...line,
    message: `${line.message} ${'x'.repeat(40_000)}`,
  }));
  let puts = 0;
  const dying = sabotaged(store, (command) => {
    if (command === 'PutItemCommand') puts += 1;
    return puts === 2 ? 'die' : 'go-on';
  });
  await expect(appendLines(dying, DEPLOYMENT, 'build', 0, lines)).rejects.toThrow('died');
  const half = (await readTail(store, DEPLOYMENT)).lines;
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(20);

  const again = await appendLines(store, DEPLOYMENT, 'build', 0, lines);
  expect(again).toMatchObject({ firstLine: half + 1, nextOffset: 20 });
  expect(messages(await allLines(store))).toEqual(messages(lines));
});

test('two producers that race on one chain both get all their lines in, each in order', async () => {
  const race = async (producer: string) => {
    const tails = new LogTails();
    for (let i = 0; i < 20; i += 1) await append(i * 3, i * 3 + 3, producer, tails);
  };
  await Promise.all([race('build'), race('gate'), race('release')]);
  const lines = await allLines(store);
  expect(lines.map((line) => line.n)).toEqual(Array.from({ length: 180 }, (_, i) => i + 1));
  for (const producer of ['build', 'gate', 'release']) {
    const mine = messages(lines).filter((message) => message.startsWith(producer));
    expect(mine).toEqual(messages(numbered(0, 60, producer)));
  }
});

test('twins of one request store its lines once, and both learn their numbers', async () => {
  const twins = await Promise.all([append(0, 4), append(0, 4), append(0, 4)]);
  for (const twin of twins) {
    expect(messages(twin.lines)).toEqual(messages(numbered(0, 4)));
    expect(twin.firstLine).toBe(1);
  }
  expect(await allLines(store)).toHaveLength(4);
});

test('nothing goes in behind the end marker, not even through a remembered tail', async () => {
  const tails = new LogTails();
  await append(0, 3, 'build', tails);
  const end = await endLog(store, DEPLOYMENT);
  expect(end.lines).toBe(3);
  await expect(append(3, 4, 'build', tails)).rejects.toThrow(LogEnded);
  await expect(append(0, 1, 'gate')).rejects.toThrow(LogEnded);
  expect(await endLog(store, DEPLOYMENT)).toEqual(end);
});

test('an end that races with producers comes after exactly the lines it counts', async () => {
  await append(0, 1);
  const [end] = await Promise.all([
    endLog(store, DEPLOYMENT),
    ...Array.from({ length: 5 }, (_, i) => append(0, 2, `p${i}`).catch(() => undefined)),
  ]);
  expect((await allLines(store)).length).toBe(end.lines);
  expect(await endLog(store, DEPLOYMENT)).toEqual(end);
});

test('a log without lines has an end too', async () => {
  expect(await endLog(store, DEPLOYMENT)).toEqual({ lines: 0, hash: '0'.repeat(64) });
});

test('a damaged chunk is reported, never skipped', async () => {
  await append(0, 3);
  await append(3, 6);
  await store.client.send(
    new DeleteItemCommand({
      TableName: store.liveTable,
      Key: { pk: { S: `LOG#${DEPLOYMENT}` }, sk: { S: 'C#00000001' } },
    }),
  );
  await expect(allLines(store)).rejects.toThrow('hole');
});
