import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from '../supervise/ports.ts';

/** Long enough for a page's last asset, short enough for Ctrl-C. */
const CLOSE_MS = 2000;

/** A loopback server with its address. */
export interface Listening {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  close(): Promise<void>;
}

/** Listens on the wanted port, or on any where another program has it. */
export async function listen(wanted: number | undefined, listener: RequestListener): Promise<Listening> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, ownNamesOnly(listener));
  try {
    return await listenOn(server, wanted ?? 0);
  } catch (error) {
    if (wanted === undefined) throw error;
    return listenOn(server, 0);
  }
}

const OWN_NAME = /^(?:127\.0\.0\.1|\[::1\]|localhost|[a-z0-9.-]+\.localhost)(?::\d{1,5})?$/i;

/** A page whose name was made to point here (DNS rebinding) would otherwise read these sites as its own. */
function ownNamesOnly(listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    if (OWN_NAME.test(incoming.headers.host ?? '')) listener(incoming, outgoing);
    else outgoing.writeHead(403).end('This server answers to the names of this machine only.\n');
  };
}

function listenOn(server: Server, wanted: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, LOOPBACK, () => {
      server.off('error', reject);
      // A listening TCP server has a socket address; the string form is for pipes.
      const { port } = server.address() as AddressInfo;
      resolve({ port, address: `http://${LOOPBACK}:${port}`, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
