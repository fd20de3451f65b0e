import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { ulid } from 'ulid';
import type { ApiDeps } from '../../../functions/api/deps.ts';
import { routesFor } from '../../../functions/api/groups.ts';
import { known } from '../../../functions/api/known.ts';
import { httpHandler } from '../../../functions/http/handler.ts';
import type { Grant } from '../../../shared/domain/access.ts';
import { artifactsIn } from '../../../shared/platform/artifacts.ts';
import type { Log } from '../../../shared/platform/logger.ts';
import { secretWriter } from '../../../shared/platform/secrets.ts';
import { transact } from '../../../shared/store/engine.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { emulatorClient } from '../../support/aws.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

export interface Sent {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** The members of answers that tests read; each test says what it expects of them. */
export interface Body {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly field?: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly code: string; readonly message: string }[];
  readonly items: readonly Body[];
  readonly nextCursor?: string;
  readonly total?: number;
  readonly token?: string;
  readonly tokenId: string;
  readonly revision: number;
  readonly number: number;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly upload: { readonly url: string; readonly headers: Record<string, string> };
  readonly paths: Record<string, unknown>;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The Lambda handler of `api` on real tables and buckets, called as API Gateway calls it. */
export interface TestApi {
  readonly store: TestStore;
  readonly deps: ApiDeps;
  readonly admin: string;
  readonly lines: LogLine[];
  readonly s3: S3Client;
  readonly buckets: { readonly secrets: string; readonly artifacts: string };
  send(request: string, sent?: Sent): Promise<Answer>;
  token(grants: readonly Grant[], subject?: string): Promise<string>;
  runnerToken(): Promise<string>;
  /** Items in both tables: what a refused request must leave as it was. */
  items(): Promise<number>;
}

export async function testApi(overrides: Partial<ApiDeps> = {}, given?: TestStore): Promise<TestApi> {
  const store = given ?? (await freshStore());
  const lines: LogLine[] = [];
  const s3 = new S3Client({ ...emulatorClient(), forcePathStyle: true });
  const suffix = ulid().toLowerCase();
  const buckets = { secrets: `secrets-${suffix}`, artifacts: `artifacts-${suffix}` };
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  const deps: ApiDeps = {
    store,
    log: recordingLog(lines, {}),
    secrets: async () => secretWriter(buckets.secrets, s3),
    artifacts: async () => artifactsIn(buckets.artifacts, s3),
    machine: async () => {
      throw new Error('No test of these routes starts the machine.');
    },
    // What it would deliver is delivered by the tests that are about it.
    scheduler: async () => ({ plan: async () => {}, forget: async () => {} }),
    defaultRunner: 'agent',
    websocketUrl: 'wss://sockets.test',
    known: known(),
    parts: [],
    ...overrides,
  };
  const handler = httpHandler(routesFor, deps);
  const token = (grants: readonly Grant[], subject = 'ada', kind: 'api' | 'runner' = 'api') =>
    storedToken(store, grants, subject, kind);
  const admin = await token([{ role: 'admin' }], 'root');

  return {
    store,
    deps,
    admin,
    lines,
    s3,
    buckets,
    token,
    runnerToken: () => token([{ role: 'viewer' }], 'runner', 'runner'),
    send: async (request, sent = {}) => {
      const result = await handler(eventOf(request, sent, admin), contextOf());
      return answerOf(result);
    },
    items: async () => {
      const counts = await Promise.all(
        [store.recordsTable, store.liveTable].map(
          async (TableName) =>
            (await store.client.send(new ScanCommand({ TableName, Select: 'COUNT', ConsistentRead: true })))
              .Count,
        ),
      );
      return counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
    },
  };
}

async function storedToken(
  store: TestStore,
  grants: readonly Grant[],
  subject: string,
  kind: 'api' | 'runner',
): Promise<string> {
  const runner = kind === 'runner' ? { runner: { id: `run_${ulid()}` } } : {};
  const made = newToken(store, {
    kind,
    name: 'test',
    subject,
    grants,
    groups: [],
    createdBy: 'test',
    ...runner,
  });
  await transact(store, [made.write]);
  return made.secret;
}

/** `METHOD /path?query` as an event of an HTTP API, payload 2.0. */
export function eventOf(request: string, sent: Sent, admin: string): APIGatewayProxyEventV2 {
  const [method = '', target = ''] = request.split(' ');
  const [rawPath = '', rawQueryString = ''] = target.split('?');
  const body = sent.text ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const token = sent.token === undefined ? admin : sent.token;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.test',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request-0001',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
}

export function contextOf(remainingMs = 30_000): Context {
  // The parts of a Lambda context that the handler looks at.
  return { awsRequestId: 'invocation-1', getRemainingTimeInMillis: () => remainingMs } as Context;
}

export function answerOf(result: APIGatewayProxyStructuredResultV2): Answer {
  const headers = Object.fromEntries(
    Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const isJson = /^application\/(?:problem\+)?json$/.test(headers['content-type'] ?? '');
  return {
    status: result.statusCode ?? 0,
    headers,
    body: isJson && result.body !== undefined ? JSON.parse(result.body) : result.body,
  };
}

type Keys = Readonly<Record<string, unknown>> | (() => Readonly<Record<string, unknown>>);

export function recordingLog(lines: LogLine[], keys: Keys = {}): Log {
  const all = () => (typeof keys === 'function' ? keys() : keys);
  const record =
    (level: string) =>
    (message: string, facts: Record<string, unknown> = {}) => {
      lines.push({ level, message, facts: { ...all(), ...facts } });
    };
  return {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    with: (more) =>
      recordingLog(lines, () => ({ ...all(), ...(typeof more === 'function' ? more() : more) })),
  };
}

let serial = 0;
/** A name that no other project of the test has. */
export const newName = () => {
  serial += 1;
  return `project-${serial}`;
};

export async function makeProject(api: TestApi, extra: object = {}): Promise<string> {
  const { status, body } = await api.send('POST /v1/projects', {
    body: { name: newName(), target: { kind: 'site' }, ...extra },
  });
  if (status !== 201) throw new Error(`The project was not made: ${JSON.stringify(body)}`);
  return body.id;
}
