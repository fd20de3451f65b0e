import type { RequestListener } from 'node:http';
import type { EdgeSite } from '../../shared/targets/site/hosting-edge.ts';
import type { SiteDesk } from './admin.ts';
import { type Listening, listen } from './listen.ts';
import { type EdgeState, writeState } from './state.ts';

/** Opens the port of a site and remembers it. */
export class SitePorts implements SiteDesk {
  readonly #state: EdgeState;
  readonly #stateFile: string;
  readonly #listenerFor: (site: string, host: string) => RequestListener;
  readonly #open = new Map<string, Listening>();
  /** Two requests for one new site must not open two ports, so each waits for the one before. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    state: EdgeState,
    stateFile: string,
    listenerFor: (site: string, host: string) => RequestListener,
  ) {
    this.#state = state;
    this.#stateFile = stateFile;
    this.#listenerFor = listenerFor;
  }

  ensure(site: string): Promise<EdgeSite> {
    const next = this.#turn.then(() => this.#ensure(site));
    this.#turn = next.catch(() => {});
    return next;
  }

  find(site: string): EdgeSite | undefined {
    const open = this.#open.get(site);
    return open && { address: open.address, host: hostOf(site) };
  }

  all(): { readonly projectId: string; readonly environment: string; readonly address: string }[] {
    return [...this.#open].map(([site, { address }]) => ({ ...partsOf(site), address }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((open) => open.close()));
  }

  async #ensure(site: string): Promise<EdgeSite> {
    const host = hostOf(site);
    let open = this.#open.get(site);
    if (open === undefined) {
      open = await listen(this.#state.ports[site], this.#listenerFor(site, host));
      this.#open.set(site, open);
    }
    if (this.#state.ports[site] !== open.port) {
      this.#state.ports[site] = open.port;
      await writeState(this.#stateFile, this.#state);
    }
    return { address: open.address, host };
  }
}

/** Not a name that resolves: what the viewer function looks the site up by, whatever its port is. */
function hostOf(site: string): string {
  const { projectId, environment } = partsOf(site);
  return `${environment}--${projectId}.edge.internal`.toLowerCase();
}

function partsOf(site: string): { projectId: string; environment: string } {
  const [projectId = '', environment = ''] = site.split('/');
  return { projectId, environment };
}
