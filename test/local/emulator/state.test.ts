import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LOCAL_AWS } from '../../../local/emulator/settings.ts';
import { startEmulator } from '../../../local/emulator/start.ts';
import { INSTALL } from '../../../local/paths.ts';

// Each starts the emulator two or three times, one after the other.
vi.setConfig({ testTimeout: 60_000 });

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-emulator-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

function tablesAt(endpoint: string) {
  const { accessKeyId, secretAccessKey, region } = LOCAL_AWS;
  const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  return {
    create: (TableName: string) =>
      client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        }),
      ),
    names: async () => (await client.send(new ListTablesCommand({}))).TableNames,
  };
}

async function killEmulator(): Promise<void> {
  const marker = JSON.parse(await readFile(join(dir, 'emulator.json'), 'utf8')) as { pid: number };
  process.kill(marker.pid, 'SIGKILL');
}

test('a clean stop keeps what was made, at the same address', async () => {
  const first = await startEmulator({ dir, install: INSTALL });
  await tablesAt(first.endpoint).create('kept');
  // Secrets are among it.
  expect((await stat(join(dir, 'state'))).mode & 0o777).toBe(0o700);
  await first.stop();

  const second = await startEmulator({ dir, install: INSTALL });
  expect(second.endpoint).toBe(first.endpoint);
  expect(second.lost).toBeUndefined();
  expect(await tablesAt(second.endpoint).names()).toEqual(['kept']);
  await second.stop();
});

test('after a kill the next start says since when things are lost and goes on from the last clean stop', async () => {
  const clean = await startEmulator({ dir, install: INSTALL });
  await tablesAt(clean.endpoint).create('kept');
  await clean.stop();
  const before = Date.now();
  const killed = await startEmulator({ dir, install: INSTALL });
  await tablesAt(killed.endpoint).create('lost');
  await killEmulator();
  await killed.exited;

  const next = await startEmulator({ dir, install: INSTALL });
  expect(next.lost?.earlierStateKept).toBe(true);
  expect(Date.parse(next.lost?.since ?? '')).toBeGreaterThanOrEqual(before);
  expect(await tablesAt(next.endpoint).names()).toEqual(['kept']);
  await next.stop();
});
