import type { RealtimeDeps } from '../../../functions/realtime/deps.ts';
import { type SocketEvent, socketHandler } from '../../../functions/realtime/handler.ts';
import type { ServerFrame } from '../../../shared/contracts/realtime.ts';
import type { Grant } from '../../../shared/domain/access.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { once } from '../../../shared/platform/once.ts';
import type { Publisher } from '../../../shared/platform/sockets.ts';
import { transact } from '../../../shared/store/engine.ts';
import type { ArchiveObjects } from '../../../shared/store/log-archive-form.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { freshBucket } from '../../support/bucket.ts';
import { type Given, givenDeployment, givenProject, quietLog } from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { leftForWorkers, type Viewers, viewers } from '../../support/viewers.ts';

export interface TestRealtime {
  readonly store: TestStore;
  readonly deps: RealtimeDeps;
  /** As functions have it that tell viewers of something. */
  readonly publisher: Publisher;
  readonly sockets: Viewers;
  readonly given: Given;
  readonly deployment: Deployment;
  readonly topic: string;
  token(
    grants?: readonly Grant[],
    kind?: 'api' | 'runner',
    more?: { readonly expiresAt?: string },
  ): Promise<string>;
  connect(id: string, how: { headers?: Record<string, string>; ticket?: string }): Promise<number>;
  /** Connects with a token that may see everything (or with the given one). */
  open(id: string, token?: string): Promise<void>;
  disconnect(id: string): Promise<void>;
  /** Sends a frame (text as it is, anything else as JSON) and returns what the socket got for it. */
  send(id: string, frame: unknown): Promise<ServerFrame[]>;
  /** The same as a binary frame, which API Gateway hands on in base64. */
  sendBinary(id: string, bytes: string): Promise<ServerFrame[]>;
}

export async function testRealtime(): Promise<TestRealtime> {
  const store = await freshStore();
  const given = await givenProject(store);
  const deployment = await givenDeployment(store, given, { status: 'building', stage: 'build' });
  const sockets = viewers();
  const bucket = once(freshBucket);
  const archive: ArchiveObjects = {
    read: async (...args) => (await bucket()).objects.read(...args),
    write: async (...args) => (await bucket()).objects.write(...args),
    remove: async (...args) => (await bucket()).objects.remove(...args),
  };
  const deps: RealtimeDeps = {
    store,
    poster: sockets,
    log: quietLog,
    archive,
    origins: new Set(['https://console.example']),
  };
  const handler = socketHandler(deps);
  const call = (routeKey: string, id: string, over: Partial<SocketEvent> = {}) =>
    handler(socketEvent(routeKey, id, over), {});
  const token: TestRealtime['token'] = async (grants = [{ role: 'viewer' }], kind = 'api', more = {}) => {
    const runner = kind === 'runner' ? { runner: { id: 'run_1' } } : {};
    const facts = { name: 'test', subject: 'ada', groups: [], createdBy: 'root', ...more };
    const made = newToken(store, { kind, grants, ...facts, ...runner });
    await transact(store, [made.write]);
    return made.secret;
  };
  const connect: TestRealtime['connect'] = async (id, { headers = {}, ticket }) => {
    const queryStringParameters = ticket === undefined ? {} : { queryStringParameters: { ticket } };
    return (await call('$connect', id, { headers, ...queryStringParameters })).statusCode;
  };
  const answered = async (id: string, over: Partial<SocketEvent>): Promise<ServerFrame[]> => {
    const before = sockets.frames(id).length;
    await call('$default', id, over);
    return sockets.frames(id).slice(before);
  };
  return {
    store,
    deps,
    publisher: { store, poster: sockets, fanOut: leftForWorkers() },
    sockets,
    given,
    deployment,
    topic: `deployment:${deployment.id}`,
    token,
    connect,
    open: async (id, given) => {
      const status = await connect(id, { headers: { Authorization: `Bearer ${given ?? (await token())}` } });
      if (status !== 200) throw new Error(`not connected: ${status}`);
    },
    disconnect: async (id) => {
      await call('$disconnect', id);
    },
    send: (id, frame) => answered(id, { body: typeof frame === 'string' ? frame : JSON.stringify(frame) }),
    sendBinary: (id, bytes) =>
      answered(id, { body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true }),
  };
}

export function socketEvent(routeKey: string, connectionId: string, over: Partial<SocketEvent>): SocketEvent {
  return {
    isBase64Encoded: false,
    requestContext: {
      routeKey,
      connectionId,
      eventType: 'MESSAGE',
      messageId: 'm',
      requestId: 'request-0001',
      extendedRequestId: 'e',
      requestTime: '',
      messageDirection: 'IN',
      stage: 'live',
      connectedAt: 0,
      requestTimeEpoch: 0,
      domainName: 'sockets.test',
      apiId: 'api',
    },
    ...over,
  };
}
