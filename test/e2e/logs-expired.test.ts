import { gunzipSync } from 'node:zlib';
import { DeleteItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { LogLineView, LogPage } from '../../shared/contracts/logs.ts';
import { logChunkKey } from '../../shared/store/keys.ts';
import { slipway } from '../support/cli.ts';
import { storeOfStack } from '../support/emulated-aws.ts';
import { projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';
import { openSocket, type SocketClient } from '../support/socket-client.ts';

const open: SocketClient[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** More than a member of the archive, and more than a page. */
const LINES = 2500;

/** A deployment whose log is archived. */
async function ended(): Promise<string> {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>old</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: `seq -f 'line %.0f' ${LINES}; printf 'oh %s\\n' no`, outputDirectory: 'public' },
  });
  const request = { projectId: project.id, environment: environment.name };
  const { id } = unwrap(await sdk().deployments.start(request));
  expect(unwrap(await sdk().deployments.waitFor(id)).error).toBeUndefined();
  await expect.poll(() => download(id).then(({ status }) => status), { timeout: 60_000 }).toBe(200);
  return id;
}

const ask = (path: string, headers: Record<string, string> = {}) => {
  const { url, token } = inject('stack');
  return fetch(`${url}/v1${path}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    redirect: 'manual',
  });
};

/** The whole log as its archive, by the link that the service gives. */
async function download(id: string): Promise<{ status: number; text: string }> {
  const link = await ask(`/deployments/${id}/logs`, { accept: 'application/x-ndjson' });
  if (link.status !== 303) return { status: link.status, text: '' };
  const answer = await fetch(link.headers.get('location') ?? '');
  const bytes = Buffer.from(await answer.arrayBuffer());
  // The emulator says nothing of its encoding, so that it comes as it is stored.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return { status: answer.status, text: (isPacked ? gunzipSync(bytes) : bytes).toString() };
}

/** What a viewer gets who subscribes to it from line 1. */
async function bySocket(id: string): Promise<{ lines: LogLineView[]; end: unknown }> {
  const { websocketUrl, token } = inject('stack');
  const socket = await openSocket(websocketUrl, { authorization: `Bearer ${token}` });
  open.push(socket);
  socket.send({ action: 'subscribe', topic: `deployment:${id}`, after: 0 });
  const end = await socket.until((frame) => frame.type === 'end');
  const lines = socket.frames.flatMap(({ frame }) => (frame.type === 'log' ? frame.data.lines : []));
  return { lines: lines.toSorted((a, b) => a.n - b.n), end: end.data };
}

const QUERIES = ['limit=1000', 'after=1200&limit=10', 'before=700&limit=5', 'tail=3', 'search=line%202499'];
const COMMANDS = [[], ['--grep', 'LINE 12', '--step', 'build'], ['--verify']];

/** An archive knows how the log ends on every page; the database only once it has come there. */
async function pageOf(id: string, query: string): Promise<object> {
  // Of the service's contract.
  const page = (await (await ask(`/deployments/${id}/logs?${query}`)).json()) as LogPage;
  const { end, ...rest } = page;
  return page.nextCursor === undefined ? { ...rest, end } : rest;
}

/** Everything that somebody may read of a log, in every way. */
async function everyReading(id: string) {
  const pages = QUERIES.map((query) => pageOf(id, query));
  const printed = await Promise.all(COMMANDS.map((args) => slipway('logs', id, ...args)));
  return {
    pages: await Promise.all(pages),
    printed: printed.map(({ code, out }) => ({ code, out })),
    socket: await bySocket(id),
    sdk: await wholeLog(id),
    download: await download(id),
  };
}

/** The chunks of a log in the database. */
async function chunksOf(id: string) {
  const { client, liveTable } = await storeOfStack();
  const { pk, sk } = logChunkKey(id, 0);
  const answer = await client.send(
    new QueryCommand({
      TableName: liveTable,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :c)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':c': { S: sk.slice(0, 2) } },
      ProjectionExpression: 'pk, sk',
      ConsistentRead: true,
    }),
  );
  const keys = (answer.Items ?? []).map((item) => ({
    pk: item['pk'] ?? { S: '' },
    sk: item['sk'] ?? { S: '' },
  }));
  return { client, liveTable, keys };
}

/** Moves the end of their time into the past; the database removes such items when it gets round to it. */
async function expire(id: string): Promise<number> {
  const { client, liveTable, keys } = await chunksOf(id);
  for (const Key of keys)
    await client.send(
      new UpdateItemCommand({
        TableName: liveTable,
        Key,
        UpdateExpression: 'SET expiresAt = :past',
        ConditionExpression: 'attribute_exists(expiresAt)',
        ExpressionAttributeValues: { ':past': { N: '1' } },
      }),
    );
  return keys.length;
}

async function removeExpired(id: string): Promise<void> {
  const { client, liveTable, keys } = await chunksOf(id);
  for (const Key of keys) await client.send(new DeleteItemCommand({ TableName: liveTable, Key }));
}

it('a log whose time is over reads the same everywhere, and a line that leaked can still be purged', async () => {
  const id = await ended();
  const before = await everyReading(id);
  expect(before.printed.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(before.socket.lines).toEqual(before.sdk);
  expect(
    before.download.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(before.sdk);
  expect(before.sdk.length).toBeGreaterThan(LINES);

  expect(await expire(id)).toBeGreaterThan(0);
  expect(await everyReading(id)).toEqual(before);
  await removeExpired(id);
  expect((await chunksOf(id)).keys).toEqual([]);
  expect(await everyReading(id)).toEqual(before);

  const leaked = before.sdk.find(({ message }) => message === 'oh no')?.n ?? 0;
  const args = ['--from', String(leaked), '--reason', 'it says too much', '--wait'];
  const purged = await slipway('logs', 'purge', id, ...args);
  expect(purged.out, purged.err).toContain(
    `Nobody is shown line ${leaked} of ${id} any more. No copy is left.`,
  );
  const after = await everyReading(id);
  expect(JSON.stringify(after)).not.toContain('oh no');
  expect(after.sdk.map(({ n }) => n)).toEqual(before.sdk.map(({ n }) => n));
  expect(after.printed[2]?.out).toContain('1 of them were purged');
});
