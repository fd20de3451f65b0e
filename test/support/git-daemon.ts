import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** A server of git's own protocol on loopback, closed with every open connection at the end of its scope. */
export interface GitDaemon extends AsyncDisposable {
  /** `127.0.0.1:<port>`; below it each repository of the folder by its path. */
  readonly host: string;
}

/** One `git daemon --inetd` per connection, so that the port is free and nothing outlives its scope. */
export async function startGitDaemon(root: string): Promise<GitDaemon> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    const daemon = spawn('git', ['daemon', '--inetd', '--export-all', `--base-path=${root}`, root], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    socket.pipe(daemon.stdin);
    daemon.stdout.pipe(socket);
    for (const stream of [socket, daemon.stdin]) stream.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      daemon.kill();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has a socket address; the string form is for pipes.
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
