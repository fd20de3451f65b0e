import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server on a free loopback port, closed with every open connection at the end of its scope. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:<port>`, as an allow-list names it. */
  readonly host: string;
}

export function listen(
  handler: http.RequestListener,
  tls?: { readonly key: string; readonly cert: string; readonly onServerName?: (name: string) => void },
): Promise<TestServer> {
  const server = tls === undefined ? http.createServer(handler) : secureServer(handler, tls);
  const { promise, resolve, reject } = Promise.withResolvers<TestServer>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    // A listening TCP server has a socket address; the string form is for pipes.
    const { port } = server.address() as AddressInfo;
    resolve({ port, host: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => close(server) });
  });
  return promise;
}

function secureServer(
  handler: http.RequestListener,
  tls: { readonly key: string; readonly cert: string; readonly onServerName?: (name: string) => void },
): https.Server {
  return https.createServer(
    {
      key: tls.key,
      cert: tls.cert,
      SNICallback: (name, done) => {
        tls.onServerName?.(name);
        done(null);
      },
    },
    handler,
  );
}

function close(server: http.Server | https.Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
