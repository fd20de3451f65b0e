import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** Takes connections and never says a word, as a machine does that hangs. */
export interface SilentServer extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Resolves with the first connection. */
  readonly reached: Promise<void>;
}

export async function silentServer(): Promise<SilentServer> {
  const open = new Set<Socket>();
  const reached = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    reached.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has a socket address; the string form is for pipes.
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    reached: reached.promise,
    [Symbol.asyncDispose]: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
