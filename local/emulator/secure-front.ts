import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { LOOPBACK } from '../supervise/ports.ts';

export interface SecureFront {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Stands before an emulator that enforces IAM and says of every request that it came over TLS, as the terminating
 * proxy of a real installation would. Without it the bucket policies that refuse plain HTTP (of the app and of
 * the CDK's own bucket) refuse everything. Signatures don't cover that header, and Host is passed on as it came.
 */
export async function startSecureFront(emulatorPort: number): Promise<SecureFront> {
  const forward = (incoming: IncomingMessage) =>
    request({
      host: LOOPBACK,
      port: emulatorPort,
      method: incoming.method,
      path: incoming.url,
      headers: secured(incoming.headers),
    });

  const server = createServer((incoming, response) => answer(forward(incoming), incoming, response));
  server.on('upgrade', (incoming, socket, head) => tunnel(forward(incoming), socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  // A TCP server that listens has a port.
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://${LOOPBACK}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function secured(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, 'x-forwarded-proto': 'https' };
}

function answer(
  outgoing: ReturnType<typeof request>,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  outgoing.once('response', (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.rawHeaders);
    reply.pipe(response);
  });
  outgoing.once('error', () => response.destroy());
  response.once('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function tunnel(outgoing: ReturnType<typeof request>, socket: Duplex, head: Buffer): void {
  outgoing.once('upgrade', (reply, upstream, first) => {
    const lines = [`HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}`];
    for (let at = 0; at < reply.rawHeaders.length; at += 2) {
      lines.push(`${reply.rawHeaders[at]}: ${reply.rawHeaders[at + 1]}`);
    }
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    socket.write(first);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
    upstream.once('error', () => socket.destroy());
  });
  // A handshake that is refused is answered like any other request.
  outgoing.once('response', (reply) => {
    socket.end(
      `HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
  });
  outgoing.once('error', () => socket.destroy());
  socket.once('error', () => outgoing.destroy());
  outgoing.end();
}
