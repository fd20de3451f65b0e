import { ConflictException } from '@aws-sdk/client-cloudfront-keyvaluestore';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  type PutItemCommandInput,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Units } from '../../../shared/domain/cost.ts';
import { counted } from '../../../shared/platform/aws.ts';
import { unitsOfCall } from '../../../shared/platform/aws-calls.ts';
import { preconditionFailed } from './objects.ts';
import type { Call, Refusals, Seam } from './seam.ts';

/** A service of AWS as the clients see it. */
export interface Service {
  readonly name: string;
  readonly execute: (operation: string, input: object) => unknown;
}

/** Which service answers a command, and whether the command changes anything. */
export interface Commands {
  readonly service: Service;
  readonly reads: readonly string[];
  readonly changes: readonly string[];
}

/** An SDK call without answer is given up after this (ms): three attempts of ten seconds. */
const TIMEOUT_MS = 30_000;
/** What was sent at the last moment arrives within this (ms). */
const WIRE_MS = 5_000;

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/**
 * Takes the place of the network below every client of the AWS SDK in this process: what a client sends goes
 * through the seam to the services given.
 */
export function answerClients(
  seam: () => Seam,
  all: () => readonly Commands[],
  look: Look,
  paid: (units: Units) => void,
): void {
  // All clients inherit `send` from one class, which the SDK does not export by itself.
  const base = Object.getPrototypeOf(DynamoDBClient.prototype) as {
    send: (command: Command, options?: SendOptions) => Promise<unknown>;
  };
  base.send = (command, options) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    const found = all().find(
      ({ reads, changes }) => reads.includes(operation) || changes.includes(operation),
    );
    if (found === undefined) throw new TypeError(`Nothing here answers ${operation}.`);
    const { service } = found;
    const call: Call<unknown> = {
      service: service.name,
      operation,
      detail: detailOf(operation, command.input),
      changes: found.changes.includes(operation),
      effect: () => service.execute(operation, command.input),
      refusals: refusalsOf(service.name, operation, command.input, look),
      timeoutMs: TIMEOUT_MS,
      ...(service.name === 'edge-keys' && operation === 'PutKey' ? { wireMs: WIRE_MS } : {}),
      signal: options?.abortSignal,
    };
    const made = counted(operation, command.input, () => seam().call(call));
    const pay = (outcome: unknown) => paid(unitsOfCall(operation, command.input, outcome));
    made.then(pay, pay);
    return made;
  };
}

/** What kind of thing a call is about, without ids. */
function detailOf(operation: string, input: object): string | undefined {
  // Which input belongs to which command is the SDK's promise.
  const request = input as PutItemCommandInput & {
    Key?: unknown;
    KeyConditionExpression?: string;
    IndexName?: string;
  } & TransactWriteItemsCommandInput;
  const key = (request.Item ?? request.Key) as { pk?: { S?: string }; sk?: { S?: string } } | undefined;
  const kind = (one: typeof key) => {
    const [first = ''] = (one?.sk?.S ?? '').split('#', 1);
    // Sort keys that are digests say nothing; what they belong to does.
    return /^[0-9a-f]{64}$/.test(first) ? ((one?.pk?.S ?? '').split('#', 1)[0] ?? '') : first;
  };
  if (operation === 'TransactWriteItems') {
    const kinds = (request.TransactItems ?? []).map((item) => {
      const one = item.Put?.Item ?? item.Update?.Key ?? item.Delete?.Key ?? item.ConditionCheck?.Key;
      return kind(one as typeof key);
    });
    return kinds.join('+');
  }
  if (operation === 'Query') return request.IndexName ?? 'table';
  if (typeof request.Key === 'string') return request.Key.split(/[/:]/, 1)[0];
  return key === undefined ? undefined : kind(key);
}

function error(name: string, status: number): Error {
  return new DynamoDBServiceException({
    name,
    $fault: status < 500 ? 'client' : 'server',
    message: `${name} (of the harness)`,
    $metadata: { httpStatusCode: status },
  });
}

function refusalsOf(service: string, operation: string, input: object, look: Look): Refusals {
  const common: Refusals = {
    unavailable: () => error('InternalServerError', 500),
    throttled: () => error('ThrottlingException', 429),
    timeout: () => Object.assign(new Error('No answer came.'), { name: 'TimeoutError' }),
  };
  if (service === 'dynamodb') return { ...common, ...conflictsOf(operation, input, look) };
  if (operation === 'PutKey') {
    const conflict = () => new ConflictException({ message: 'Another ETag', $metadata: {} });
    return { ...common, condition: conflict };
  }
  const conditional = 'IfNoneMatch' in input || 'IfMatch' in input;
  return service === 's3' && conditional ? { ...common, condition: preconditionFailed } : common;
}

/** What stands in a table now: a refused condition shows it to its caller. */
export type Look = (
  table: string | undefined,
  key: Record<string, AttributeValue> | undefined,
) => Record<string, AttributeValue> | undefined;

function conflictsOf(operation: string, input: object, look: Look): Partial<Refusals> {
  const shown = (table: string | undefined, key: Record<string, AttributeValue> | undefined) => {
    const Item = look(table, key);
    return Item === undefined ? {} : { Item };
  };
  if (operation === 'TransactWriteItems') {
    // Which input belongs to which command is the SDK's promise.
    const { TransactItems = [] } = input as TransactWriteItemsCommandInput;
    const reason = ({ Put, Update, Delete, ConditionCheck }: TransactWriteItem) =>
      Put === undefined
        ? shown((Update ?? Delete ?? ConditionCheck)?.TableName, (Update ?? Delete ?? ConditionCheck)?.Key)
        : shown(Put.TableName, Put.Item);
    const canceled = (Code: string) => () =>
      new TransactionCanceledException({
        message: `Transaction cancelled [${Code}]`,
        CancellationReasons: TransactItems.map((item, i) =>
          i === 0 ? { Code, ...(Code === 'ConditionalCheckFailed' ? reason(item) : {}) } : { Code: 'None' },
        ),
        $metadata: {},
      });
    return { condition: canceled('ConditionalCheckFailed'), conflict: canceled('TransactionConflict') };
  }
  if (!['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation)) return {};
  // Which input belongs to which command is the SDK's promise.
  const { ConditionExpression, TableName, Item, Key } = input as PutItemCommandInput & {
    Key?: Record<string, AttributeValue>;
  };
  const conflict = () => new TransactionConflictException({ message: 'Conflict', $metadata: {} });
  if (ConditionExpression === undefined) return { conflict };
  const condition = () =>
    new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
      ...shown(TableName, Item ?? Key),
    });
  return { condition, conflict };
}
