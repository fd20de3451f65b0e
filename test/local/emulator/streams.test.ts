import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test, vi } from 'vitest';
import { ZipFile } from 'yazl';
import { LOCAL_AWS } from '../../../local/emulator/settings.ts';
import { startEmulator } from '../../../local/emulator/start.ts';
import { INSTALL } from '../../../local/paths.ts';

const { region, accessKeyId, secretAccessKey } = LOCAL_AWS;
const options = { region, credentials: { accessKeyId, secretAccessKey } };

/** Tells the test which items it was shown. */
const SOURCE = `
exports.handler = async ({ Records }) => {
  const body = Records.map((record) => record.dynamodb.Keys.pk.S).join(' ');
  await fetch(process.env.TELL, { method: 'POST', body });
};`;

async function listener() {
  const heard: string[] = [];
  const server = createServer(async (request, response) => {
    heard.push(...(await text(request)).split(' '));
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // Listening on TCP, so the address is not a pipe's name.
  const { port } = server.address() as AddressInfo;
  return { heard, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

async function consumeStream(endpoint: string, tell: string): Promise<void> {
  const tables = new DynamoDBClient({ ...options, endpoint });
  const lambda = new LambdaClient({ ...options, endpoint });
  const { TableDescription } = await tables.send(
    new CreateTableCommand({
      TableName: 'watched',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    }),
  );
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(SOURCE), 'index.js');
  zip.end();
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'watcher',
      Role: 'arn:aws:iam::000000000000:role/watcher',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Environment: { Variables: { TELL: tell } },
      Code: { ZipFile: await buffer(zip.outputStream) },
    }),
  );
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'watcher',
      EventSourceArn: TableDescription?.LatestStreamArn,
      StartingPosition: 'LATEST',
    }),
  );
}

const put = (endpoint: string, pk: string) =>
  new DynamoDBClient({ ...options, endpoint }).send(
    new PutItemCommand({ TableName: 'watched', Item: { pk: { S: pk } } }),
  );

test('the consumer of a stream hears of the first change after a restart', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-streams-'));
  const { heard, url, close } = await listener();
  const first = await startEmulator({ dir, install: INSTALL });
  await consumeStream(first.endpoint, url);
  for (const pk of ['a', 'b', 'c']) await put(first.endpoint, pk);
  await vi.waitFor(() => expect(heard).toEqual(['a', 'b', 'c']), { timeout: 10_000 });
  await first.stop();

  const second = await startEmulator({ dir, install: INSTALL });
  await put(second.endpoint, 'd');
  await vi.waitFor(() => expect(heard).toEqual(['a', 'b', 'c', 'd']), { timeout: 10_000 });
  await second.stop();
  close();
  await rm(dir, { recursive: true, force: true });
}, 60_000);
