import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { FELL_BEHIND } from '../../shared/contracts/frame-codes.ts';
import { clientFrame, type ServerFrame } from '../../shared/contracts/realtime.ts';

/** The service's half of a runner's socket: takes its subscription, answers its pings, offers jobs. */
export interface FakeSocket extends AsyncDisposable {
  readonly url: string;
  /** Subscriptions to `runner` so far. */
  readonly subscribed: number;
  readonly authorizations: (string | undefined)[];
  send(data: Extract<ServerFrame, { type: 'job' }>['data']): void;
  /** Says that it does not know its sockets any more, and leaves them open. */
  forgetAll(): void;
  /** Posts nothing more to its sockets, since they were too slow; with a word about that, or without it. */
  leaveAllBehind(saying: boolean): void;
  /** Cuts every connection, as networks do. */
  breakAll(): void;
}

export async function startFakeSocket(): Promise<FakeSocket> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  // A listening TCP server has a socket address; the string form is for pipes.
  const { port } = server.address() as AddressInfo;
  const authorizations: (string | undefined)[] = [];
  const hears = new Set<WebSocket>();
  let subscribed = 0;
  const envelope = () => ({ timestamp: new Date().toISOString(), topic: 'runner', seq: 0 });
  const tell = (socket: WebSocket, frame: ServerFrame) => socket.send(JSON.stringify(frame));

  server.on('connection', (socket, request) => {
    authorizations.push(request.headers.authorization);
    socket.on('close', () => hears.delete(socket));
    socket.on('message', (data) => {
      const frame = clientFrame.parse(JSON.parse(String(data)));
      const heads = hears.has(socket) ? [{ topic: 'runner', head: 0, ended: false }] : [];
      if (frame.action === 'ping') tell(socket, { type: 'pong', ...envelope(), data: { heads } });
      if (frame.action !== 'subscribe') return;
      subscribed += 1;
      hears.add(socket);
      tell(socket, { type: 'subscribed', ...envelope(), data: { head: 0, flushMs: 0 } });
    });
  });

  return {
    url: `ws://127.0.0.1:${port}`,
    get subscribed() {
      return subscribed;
    },
    authorizations,
    send: (data) => {
      for (const socket of server.clients) tell(socket, { type: 'job', ...envelope(), data });
    },
    forgetAll: () => {
      const data = { code: 'UNAUTHENTICATED', message: 'This socket is not known any more.' };
      for (const socket of server.clients) tell(socket, { type: 'error', ...envelope(), data });
    },
    leaveAllBehind: (saying) => {
      hears.clear();
      const data = { code: FELL_BEHIND, message: 'This socket did not take a frame in time.' };
      if (saying) for (const socket of server.clients) tell(socket, { type: 'error', ...envelope(), data });
    },
    breakAll: () => {
      for (const socket of server.clients) socket.terminate();
    },
    [Symbol.asyncDispose]: () => {
      for (const socket of server.clients) socket.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
