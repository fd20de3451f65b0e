import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import type { ClientFrame, ServerFrame } from '../../shared/contracts/realtime.ts';
import { answerRequest, type FakeReads, NO_READS } from './fake-slipway-reads.ts';

/** What a client sees of a service: logs by page, slice and socket, with faults on demand. */
export interface FakeSlipway extends AsyncDisposable, FakeReads {
  readonly url: string;
  /** Frames of clients but pings, in the order in which they came. */
  readonly heard: ClientFrame[];
  pings: number;
  /** Decides what becomes of a subscription; the default replays and goes on live. */
  onSubscribe: (socket: FakeSocket, after: number) => void;
  /** Answers pings, as the service does; a socket whose other half is gone does not. */
  answersPings: boolean;
  readonly sockets: Set<FakeSocket>;
  append(...messages: string[]): void;
}

export interface FakeSocket {
  log(first: number, lines: readonly LogLineView[]): void;
  frame(frame: Pick<ServerFrame, 'type' | 'data'>): void;
  cut(): void;
}

export const DEPLOYMENT = 'dep_01JD0000000000000000000000';
export const PROJECT = 'prj_01JD0000000000000000000000';

export async function fakeSlipway(): Promise<FakeSlipway> {
  const server = createServer();
  const socketServer = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const fake: FakeSlipway = {
    ...NO_READS(),
    url,
    heard: [],
    pings: 0,
    answersPings: true,
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
  server.on('request', (request, response) => answerRequest(fake, url, request, response));
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
  const topics = new Set<string>();
  const send = (frame: object) =>
    raw.send(
      JSON.stringify({
        timestamp: '2026-01-01T00:00:00.000Z',
        topic: [...topics][0] ?? '',
        seq: 0,
        ...frame,
      }),
    );
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
    if (frame.action === 'ping') {
      fake.pings += 1;
      const [head, ended] = [fake.lines.length, fake.end !== undefined];
      const heads = [...topics].map((topic) => ({ topic, head, ended }));
      if (fake.answersPings) send({ type: 'pong', data: { heads } });
      return;
    }
    fake.heard.push(frame);
    if (frame.action !== 'subscribe') return;
    topics.add(frame.topic);
    send({ type: 'subscribed', data: { head: fake.lines.length, flushMs: 250 } });
    fake.onSubscribe(socket, frame.after ?? 0);
  });
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
