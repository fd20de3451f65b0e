import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { filesOf } from '../../local/example/archive.ts';
import type { ByteRange } from '../../shared/platform/objects.ts';
import { deploymentFrom } from '../../shared/store/deployment-item.ts';
import { unpackedBody } from '../../shared/store/idempotency.ts';
import { readIndex } from '../../shared/store/log-archive-index.ts';
import { fromChunkItem } from '../../shared/store/log-chunk.ts';
import { options, outputsOf, stepFunctionsClient } from './emulated-aws.ts';

/** Something that is stored somewhere, unpacked, as one text. */
export interface Kept {
  readonly where: string;
  readonly text: string;
}

/** Everything that the service has left anywhere: in the account, and in the logs of its folder. */
export async function* everythingKept(dir: string): AsyncGenerator<Kept> {
  yield* keptInTables();
  yield* keptInBuckets();
  yield* keptInFunctionLogs();
  yield* keptInHistories();
  yield* keptInFiles(join(dir, 'logs'));
}

async function* keptInTables(): AsyncGenerator<Kept> {
  const client = new DynamoDBClient(options());
  const { RecordsTable, LiveTable } = await outputsOf('Slipway-Data');
  for (const TableName of [RecordsTable, LiveTable]) {
    for (let from: Record<string, AttributeValue> | undefined; ; ) {
      const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey: from }));
      for (const item of page.Items ?? []) {
        const where = `${TableName} ${item['pk']?.S} ${item['sk']?.S}`;
        yield { where, text: textOfItem(item) };
      }
      from = page.LastEvaluatedKey;
      if (from === undefined) break;
    }
  }
}

/** Lines, records and answers as the store reads them, whatever packs them today; everything else as it stands there. */
function textOfItem(packed: Record<string, AttributeValue>): string {
  const item = unmarshall(packed);
  const { l: lines, record, body, ...others } = packed;
  const plain = textOf({ M: others });
  if (item['kind'] === 'log' && lines !== undefined)
    return [
      plain,
      ...fromChunkItem(item)
        .read()
        .map((line) => JSON.stringify(line)),
    ].join('\n');
  if (item['kind'] === 'deployment' && record !== undefined)
    return `${plain}\n${JSON.stringify(deploymentFrom(item))}`;
  if (item['kind'] === 'idempotency' && body !== undefined)
    return `${plain}\n${JSON.stringify(unpackedBody(item['body']))}`;
  return textOf({ M: packed });
}

function textOf(value: AttributeValue, name = ''): string {
  if (value.B !== undefined) return textOfBytes(value.B, name);
  if (value.M !== undefined)
    return Object.entries(value.M)
      .map(([key, inner]) => textOf(inner, key))
      .join('\n');
  if (value.L !== undefined) return value.L.map((inner) => textOf(inner, name)).join('\n');
  return value.S ?? JSON.stringify(value);
}

/** The head of a chunk stands there as it is. Other bytes may be packed, and then nobody would see a leak in them. */
function textOfBytes(bytes: Uint8Array, name: string): string {
  if (name === 'h') return Buffer.from(bytes).toString('latin1');
  throw new Error(`Nobody knows how to read the bytes of the attribute ${name}.`);
}

export async function* keptInBuckets(): AsyncGenerator<Kept> {
  const client = new S3Client(options());
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  for (const { Name: Bucket } of Buckets) {
    // Code of functions and of the runner, put there before anything was deployed.
    if (Bucket?.startsWith('cdk-')) continue;
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents) {
      const object = await client.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
      const texts = [`${Key}`, JSON.stringify(object.Metadata), await textOfObject(bytes)];
      if (Key?.endsWith('.ndjson.gz')) texts.push(await textOfIndex(bytes));
      yield { where: `${Bucket}/${Key}`, text: texts.join('\n') };
    }
  }
}

/** What an archive holds beside its lines. */
async function textOfIndex(archive: Buffer): Promise<string> {
  const unused = () => Promise.reject(new Error('It is only read.'));
  const objects = {
    read: async (_key: string, range?: ByteRange) =>
      range !== undefined && 'last' in range ? archive.subarray(-range.last) : archive,
    write: unused,
    remove: unused,
  };
  return JSON.stringify(await readIndex(objects, '', 0));
}

async function textOfObject(bytes: Buffer): Promise<string> {
  if (bytes.subarray(0, 2).toString() !== 'PK') return unpacked(bytes).toString();
  const files = await filesOf(bytes);
  return files.map(({ path, content }) => `${path}\n${content}`).join('\n');
}

const unpacked = (bytes: Buffer) => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);

async function* keptInFunctionLogs(): AsyncGenerator<Kept> {
  const client = new CloudWatchLogsClient(options());
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
  for (const { logGroupName } of logGroups) {
    for (let nextToken: string | undefined; ; ) {
      const page = await client.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
      const text = (page.events ?? []).map(({ message }) => message).join('\n');
      yield { where: logGroupName ?? 'a log group', text };
      nextToken = page.nextToken;
      if (nextToken === undefined) break;
    }
  }
}

async function* keptInHistories(): AsyncGenerator<Kept> {
  const client = stepFunctionsClient();
  const { DeployMachineArn, RollbackMachineArn } = await outputsOf('Slipway-Service');
  for (const stateMachineArn of [DeployMachineArn, RollbackMachineArn]) {
    for (let nextToken: string | undefined; ; ) {
      const page = await client.send(new ListExecutionsCommand({ stateMachineArn, nextToken }));
      for (const execution of page.executions ?? []) yield await historyOf(client, execution);
      nextToken = page.nextToken;
      if (nextToken === undefined) break;
    }
  }
}

async function historyOf(client: SFNClient, { executionArn, name }: ExecutionListItem): Promise<Kept> {
  const history = await client.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: true }),
  );
  return { where: `execution ${name}`, text: JSON.stringify(history.events) };
}

function* keptInFiles(folder: string): Generator<Kept> {
  for (const name of readdirSync(folder))
    yield { where: join(folder, name), text: readFileSync(join(folder, name), 'utf8') };
}
