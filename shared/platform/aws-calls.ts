import type { Units } from '../domain/cost.ts';

/** Messages of SQS and events are paid by each begun so many bytes, posts to sockets by these. */
const MESSAGE_BYTES = 64 * 1024;
const POST_BYTES = 32 * 1024;

/** Operations of S3 by their price; deleting costs nothing. */
const PUTS = new Set([
  'PutObject',
  'CopyObject',
  'ListObjectsV2',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
]);
const GETS = new Set(['GetObject', 'HeadObject', 'HeadBucket']);
/** Writes that DynamoDB charges for although their condition refused them. */
const REFUSED = new Set(['ConditionalCheckFailedException', 'TransactionCanceledException']);

interface Consumed {
  readonly CapacityUnits?: number | undefined;
}

/** Of a batch of events or of messages. */
interface Entry {
  readonly Detail?: string | undefined;
  readonly MessageBody?: string | undefined;
}

/** What of an input or an output has to do with its price. */
interface Facts {
  readonly MessageBody?: string | undefined;
  readonly Entries?: readonly Entry[] | undefined;
  readonly Data?: Uint8Array | undefined;
  readonly TransactItems?: readonly unknown[] | undefined;
  readonly ConsumedCapacity?: Consumed | readonly Consumed[] | undefined;
  readonly $metadata?: { readonly attempts?: number | undefined } | undefined;
}

/** What a call of AWS costs; `outcome` is its output or its error. Named by its operation: none is in two services. */
export function unitsOfCall(operation: string, input: object, outcome: unknown): Units {
  // Which input and output belong to which operation is the SDK's promise; each field is looked at.
  const given = input as Facts;
  const got = (typeof outcome === 'object' && outcome !== null ? outcome : {}) as Facts;
  return { calls: got.$metadata?.attempts ?? 1, ...priced(operation, given, got, outcome) };
}

function priced(operation: string, given: Facts, got: Facts, outcome: unknown): Units {
  if (PUTS.has(operation)) return { puts: 1 };
  if (GETS.has(operation)) return { gets: 1 };
  switch (operation) {
    case 'GetItem':
    case 'Query':
    case 'BatchGetItem':
      return { readUnits: capacity(got) };
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
    case 'TransactWriteItems':
      return { writeUnits: wasRefused(outcome) ? leastOf(given) : capacity(got) };
    case 'SendMessage':
      return { queued: parts(Buffer.byteLength(given.MessageBody ?? ''), MESSAGE_BYTES) };
    case 'SendMessageBatch': {
      const bytes = (given.Entries ?? []).reduce(
        (sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody),
        0,
      );
      return { queued: parts(bytes, MESSAGE_BYTES) };
    }
    case 'ChangeMessageVisibility':
      return { queued: 1 };
    case 'PutEvents':
      return { events: eventParts(given) };
    case 'StartExecution':
      // Each execution is traced (infra: machine.ts); the functions that it calls are part of that trace.
      return { traces: 1 };
    case 'CreateSchedule':
      return { schedules: 1 };
    case 'PostToConnection': {
      const { length = 0 } = given.Data ?? {};
      return { posts: parts(length, POST_BYTES), sentBytes: length };
    }
    default:
      return {};
  }
}

function capacity({ ConsumedCapacity: used = [] }: Facts): number {
  const all = Array.isArray(used) ? (used as readonly Consumed[]) : [used as Consumed];
  return all.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

const wasRefused = (outcome: unknown) => outcome instanceof Error && REFUSED.has(outcome.name);

/** DynamoDB does not say what a refused write used; it is this at the least. */
const leastOf = ({ TransactItems }: Facts) => (TransactItems === undefined ? 1 : 2 * TransactItems.length);

const parts = (bytes: number, size: number) => Math.max(1, Math.ceil(bytes / size));
const eventParts = ({ Entries = [] }: Facts) =>
  Entries.reduce((sum, { Detail = '' }) => sum + parts(Buffer.byteLength(Detail), MESSAGE_BYTES), 0);
