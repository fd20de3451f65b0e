import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from '../supervise/ports.ts';
import { adminListener } from './admin.ts';
import { behindSites, type EdgeOrigin } from './behind.ts';
import { serve } from './serve.ts';
import { type EdgeState, readState, writeState } from './sites.ts';

export type { EdgeOrigin };

export interface EdgeOptions {
  /** Remembers the ports and the admin token; made where it is missing. */
  readonly stateFile: string;
  /** Taken where it is free; without it the one of the last run, or any. */
  readonly adminPort?: number;
  /** Where releases are; may be told later with `connect`, since the stack's settings need the admin address first. */
  readonly origin?: EdgeOrigin;
  readonly say?: (line: string) => void;
}

export interface EdgeSiteInfo {
  readonly projectId: string;
  readonly environment: string;
  readonly address: string;
}

export interface Edge {
  /** For SITE_HOSTING: `{"kind":"edge","adminUrl":...}`. Holds the token. */
  readonly adminUrl: string;
  connect(origin: EdgeOrigin): Promise<void>;
  sites(): readonly EdgeSiteInfo[];
  close(): Promise<void>;
}

/** Long enough for a page's last asset, short enough for Ctrl-C. */
const CLOSE_MS = 2000;

/**
 * Serves sites as CloudFront would, one loopback port for each environment, kept across restarts. The admin
 * address answers `PUT` and `GET <adminUrl>/sites/<projectId>/<environment>` with `{address, host}`.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const state = await readState(options.stateFile);
  const servers = new Map<string, Server>();
  let behind = options.origin && (await behindSites(options.origin));

  const openSite = async (site: string): Promise<string> => {
    const open = servers.get(site);
    if (open !== undefined) return addressOf(open);
    const host = hostOf(site);
    const server = await listen(state.ports[site], (incoming, outgoing) => {
      if (behind === undefined) {
        outgoing.writeHead(503, { 'retry-after': '1' }).end('Slipway is still starting.\n');
        return;
      }
      serve(behind, host, incoming, outgoing).catch((error: unknown) => {
        options.say?.(`${site}: ${incoming.url}: ${String(error)}`);
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(502).end('The place where releases are stored does not answer.\n');
      });
    });
    servers.set(site, server);
    return addressOf(server);
  };
  const turns = oneAtATime();
  const ensureSite = (site: string): Promise<string> =>
    turns(async () => {
      const address = await openSite(site);
      await remember(options.stateFile, state, site, address);
      return address;
    });

  const admin = await listen(
    options.adminPort ?? state.adminPort,
    adminListener(state.token, {
      ensure: async (site) => ({ address: await ensureSite(site), host: hostOf(site) }),
      find: (site) => {
        const server = servers.get(site);
        return server && { address: addressOf(server), host: hostOf(site) };
      },
    }),
  );
  state.adminPort = portOf(admin);
  for (const site of Object.keys(state.ports)) await ensureSite(site);
  await writeState(options.stateFile, state);

  return {
    adminUrl: `${addressOf(admin)}/${state.token}`,
    async connect(origin) {
      behind = await behindSites(origin);
    },
    sites: () => [...servers].map(([site, server]) => ({ ...partsOf(site), address: addressOf(server) })),
    close: async () => {
      await Promise.all([admin, ...servers.values()].map(closeServer));
    },
  };
}

/** Not a name that resolves: what the viewer function looks the site up by, whatever its port is. */
const hostOf = (site: string): string =>
  `${partsOf(site).environment}--${partsOf(site).projectId}.edge.internal`.toLowerCase();

function partsOf(site: string): { projectId: string; environment: string } {
  const [projectId = '', environment = ''] = site.split('/');
  return { projectId, environment };
}

async function remember(file: string, state: EdgeState, site: string, address: string): Promise<void> {
  const port = Number(new URL(address).port);
  if (state.ports[site] === port) return;
  state.ports[site] = port;
  await writeState(file, state);
}

/** Two requests for one new site must not open two ports. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}

/** Listens on the wanted port, or on any where another program has it. */
async function listen(wanted: number | undefined, listener: RequestListener): Promise<Server> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, listener);
  try {
    return await listenOn(server, wanted ?? 0);
  } catch (error) {
    if (wanted === undefined) throw error;
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

// A listening TCP server has a socket address; the string form is for pipes.
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const addressOf = (server: Server): string => `http://${LOOPBACK}:${portOf(server)}`;

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
