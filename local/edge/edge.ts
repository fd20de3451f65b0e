import type { RequestListener } from 'node:http';
import { adminListener } from './admin.ts';
import { behindSites, type EdgeOrigin } from './behind.ts';
import { listen } from './listen.ts';
import { type Behind, serve } from './serve.ts';
import { SitePorts } from './site-ports.ts';
import { readState, writeState } from './state.ts';

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

/**
 * Serves sites as CloudFront would, one loopback port for each environment, kept across restarts. The admin
 * address answers `PUT` and `GET <adminUrl>/sites/<projectId>/<environment>` with `{address, host}`.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const state = await readState(options.stateFile);
  let behind = options.origin && (await behindSites(options.origin));
  const ports = new SitePorts(state, options.stateFile, (site, host) =>
    siteListener(host, {
      behind: () => behind,
      failed: (path, error) => options.say?.(`${site}: ${path}: ${String(error)}`),
    }),
  );

  const admin = await listen(options.adminPort ?? state.adminPort, adminListener(state.token, ports));
  state.adminPort = admin.port;
  for (const site of Object.keys(state.ports)) await ports.ensure(site);
  await writeState(options.stateFile, state);

  return {
    adminUrl: `${admin.address}/${state.token}`,
    async connect(origin) {
      behind = await behindSites(origin);
    },
    sites: () => ports.all(),
    close: async () => {
      await Promise.all([admin.close(), ports.close()]);
    },
  };
}

interface SiteParts {
  /** Undefined until the edge is connected. */
  behind(): Behind | undefined;
  failed(path: string | undefined, error: unknown): void;
}

function siteListener(host: string, parts: SiteParts): RequestListener {
  return (incoming, outgoing) => {
    const behind = parts.behind();
    if (behind === undefined) {
      outgoing.writeHead(503, { 'retry-after': '1' }).end('Slipway is still starting.\n');
      return;
    }
    serve(behind, host, incoming, outgoing).catch((error: unknown) => {
      parts.failed(incoming.url, error);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end('The place where releases are stored does not answer.\n');
    });
  };
}
