import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import type { ClientFrame, ServerFrame } from '../../shared/contracts/realtime.ts';

/** What a client sees of a service: logs by page and by socket, with faults on demand. */
export interface FakeSlipway extends AsyncDisposable {
  readonly url: string;
  readonly lines: LogLineView[];
  end: { lines: number; hash: string } | undefined;
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[];
  /** Their bodies, as text, in the same order as they came in whole. */
  readonly bodies: string[];
  /** Decides what becomes of a subscription; the default replays and goes on live. */
  onSubscribe: (socket: FakeSocket, after: number) => void;
  /** Refuses tickets, so that no socket can be had. */
  withoutSockets: boolean;
  /** Answers the next requests with these, before anything else. */
  readonly next: { status: number; body?: unknown; headers?: Record<string, string> }[];
  readonly sockets: Set<FakeSocket>;
  append(...messages: string[]): void;
}

export interface FakeSocket {
  log(first: number, lines: readonly LogLineView[]): void;
  frame(frame: Pick<ServerFrame, 'type' | 'data'>): void;
  cut(): void;
}

export const DEPLOYMENT = 'dep_01JD0000000000000000000000';

export async function fakeSlipway(): Promise<FakeSlipway> {
  const server = createServer();
  const socketServer = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const fake: FakeSlipway = {
    url,
    lines: [],
    end: undefined,
    requests: [],
    bodies: [],
    withoutSockets: false,
    next: [],
    sockets: new Set(),
    onSubscribe: (socket, after) => replay(fake, socket, after),
    append: (...messages) => {
      for (const message of messages) fake.lines.push(line(fake.lines.length + 1, message));
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of socketServer.clients) client.terminate();
      socketServer.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('request', (request, response) => answer(fake, port, request, response));
  socketServer.on('connection', (raw) => connect(fake, raw));
  return fake;
}

export const line = (n: number, message: string): LogLineView => ({
  n,
  at: '2026-01-01T00:00:00.000Z',
  level: 'info',
  step: 'build',
  source: 'build',
  message,
});

/** Everything behind the cursor, then the end where there is one. */
export function replay(fake: FakeSlipway, socket: FakeSocket, after: number): void {
  const rest = fake.lines.filter((known) => known.n > after);
  if (rest.length > 0) socket.log(after + 1, rest);
  if (fake.end !== undefined) socket.frame({ type: 'end', data: { ...fake.end, status: 'succeeded' } });
}

function connect(fake: FakeSlipway, raw: WebSocket): void {
  const topic = `deployment:${DEPLOYMENT}`;
  const send = (frame: object) =>
    raw.send(JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', topic, seq: 0, ...frame }));
  const socket: FakeSocket = {
    frame: send,
    log: (first, lines) =>
      send({
        type: 'log',
        seq: first,
        data: { deploymentId: DEPLOYMENT, first, last: first + lines.length - 1, lines },
      }),
    cut: () => raw.terminate(),
  };
  fake.sockets.add(socket);
  raw.on('close', () => fake.sockets.delete(socket));
  raw.on('message', (data) => {
    // The client under test sends frames of the contract.
    const frame = JSON.parse(String(data)) as ClientFrame;
    if (frame.action !== 'subscribe') return;
    send({ type: 'subscribed', data: { head: fake.lines.length, flushMs: 250 } });
    fake.onSubscribe(socket, frame.after ?? 0);
  });
}

function answer(fake: FakeSlipway, port: number, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', fake.url);
  fake.requests.push(`${request.method} ${url.pathname}`);
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => fake.bodies.push(body));
  const reply = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };
  const planned = fake.next.shift();
  if (planned !== undefined) return reply(planned.status, planned.body, planned.headers);
  if (url.pathname === '/v1/realtime/tickets') {
    if (fake.withoutSockets) return reply(503, undefined);
    return reply(201, {
      ticket: 'one-use',
      url: `ws://127.0.0.1:${port}`,
      expiresAt: '2026-01-01T00:01:00.000Z',
    });
  }
  if (url.pathname.endsWith('/logs')) {
    const after = Number(url.searchParams.get('after') ?? '0');
    const items = fake.lines.filter((known) => known.n > after).slice(0, 1000);
    const isLast = (items.at(-1)?.n ?? after) >= fake.lines.length;
    return reply(200, {
      items,
      ...(isLast && fake.end !== undefined ? { end: fake.end } : {}),
      ...(isLast ? {} : { nextCursor: 'more' }),
    });
  }
  reply(404, problem(404, 'DEPLOYMENT_NOT_FOUND'));
}

export const problem = (status: number, code: string) => ({
  type: `https://slipway.invalid/${code}`,
  title: code,
  status,
  detail: `It is ${code}.`,
  code,
  correlationId: 'test',
  retryable: status >= 500,
});
