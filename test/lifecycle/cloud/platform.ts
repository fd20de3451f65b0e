import type { CustomRequest } from '../../../shared/contracts/custom-target.ts';
import {
  ExchangeBroken,
  HostUnreachable,
  NetDeadlineExceeded,
  RequestAborted,
} from '../../../shared/errors/net.ts';
import type { GuardedRequest, GuardedResponse } from '../../../shared/net/guarded-fetch.ts';
import type { Seam } from './seam.ts';
import type { Timeline } from './timeline.ts';

export const DEPLOY_HOST = 'deploy.example.com';
export const LIVE_HOST = 'live.example.com';
export const STAGED_HOST = 'staged.example.com';
export const HOOK_HOST = 'hooks.example.com';

export const SITES_DOMAIN = 'sites.example.com';

/** A change of what an environment serves, as it really happened. */
export interface Served {
  readonly at: number;
  readonly place: string;
  /** Undefined: nothing of ours. */
  readonly deploymentId: string | undefined;
  /** The deployment whose call did it, and whether it went back. */
  readonly by: string;
  readonly restore: boolean;
  /** Who gets something else than most do, and how many of a hundred. */
  readonly share?: { readonly deploymentId: string; readonly percent: number } | undefined;
}

/** A call that was sent at the last moment arrives within this (ms); below what an intent allows for. */
const WIRE_MS = 14_000;

/**
 * A team's deployment server that does whatever it is told, whenever it arrives: it knows no fences and no order.
 * What it serves is the truth that records are held against.
 */
export class Platform {
  readonly history: Served[] = [];
  readonly #timeline: Timeline;
  readonly #seam: Seam;
  readonly #serving = new Map<string, Served>();
  readonly #placedAt = new Map<string, number>();
  readonly #stopped = new Set<string>();
  /** How long the server works on a release after `start` (ms); 0: it is placed at once. */
  placingMs = 0;
  /** The server does not answer whoever makes something live, and cannot be made to stop: it goes on until `letGo`. */
  stubborn = false;
  #goesOn: (() => void)[] = [];
  /** What the page of a deployment answers. */
  pageStatus: (deploymentId: string) => number = () => 200;
  /** A page of a site. */
  sitePage: ((url: URL, headers?: Readonly<Record<string, string>>) => GuardedResponse) | undefined;
  /** What the address of a hook answers. */
  hookStatus: (name: string) => number = () => 200;
  /** Calls of hooks that arrived: the names of hooks by the ids of their messages. */
  readonly hooked = new Map<string, string>();
  /** Told right before something else is served. */
  onServe: (served: Served) => void = () => {};

  constructor(timeline: Timeline, seam: Seam) {
    this.#timeline = timeline;
    this.#seam = seam;
  }

  serving(projectId: string, environment: string): string | undefined {
    return this.#serving.get(`${projectId}/${environment}`)?.deploymentId;
  }

  /** Who gets something else than most do. */
  sharing(projectId: string, environment: string): Served['share'] {
    return this.#serving.get(`${projectId}/${environment}`)?.share;
  }

  fetch(request: GuardedRequest): Promise<GuardedResponse> {
    const url = new URL(request.url);
    const custom =
      url.hostname === DEPLOY_HOST ? (JSON.parse(String(request.body)) as CustomRequest) : undefined;
    const timeoutMs = request.timeoutMs ?? 10_000;
    const aborted = { message: 'aborted' };
    return this.#seam
      .call({
        service: 'target',
        operation: url.hostname === HOOK_HOST ? 'hook' : (custom?.action ?? 'page'),
        detail: custom === undefined ? url.hostname.split('.', 1)[0] : undefined,
        changes:
          url.hostname === HOOK_HOST ||
          (custom !== undefined && ['start', 'activate', 'cancel', 'cleanup'].includes(custom.action)),
        effect: async () => {
          if (url.hostname === HOOK_HOST) return this.#hear(url, request);
          if (custom === undefined) return this.#page(url, request.headers);
          return answer(200, await this.#obey(custom), url.href);
        },
        refusals: {
          unavailable: () => new HostUnreachable(url.host),
          broken: () => new ExchangeBroken(url.host),
          throttled: () => new ExchangeBroken(url.host),
          timeout: () => new NetDeadlineExceeded(url.host, timeoutMs, true),
        },
        timeoutMs,
        signal: request.signal,
        ...(custom === undefined ? {} : { wireMs: WIRE_MS }),
      })
      .catch((error: unknown) => {
        // The real fetch says so where its caller gave up.
        if (request.signal?.aborted && error === request.signal.reason)
          throw new RequestAborted(url.host, true, { facts: aborted });
        throw error;
      });
  }

  #hear(url: URL, { headers }: GuardedRequest): GuardedResponse {
    const name = url.pathname.slice(1);
    this.hooked.set(headers?.['webhook-id'] ?? '', name);
    return answer(this.hookStatus(name), {}, url.href);
  }

  #page(url: URL, headers: GuardedRequest['headers']): GuardedResponse {
    if (this.sitePage !== undefined && url.hostname.endsWith(SITES_DOMAIN))
      return this.sitePage(url, headers);
    const [, first = '', second = ''] = url.pathname.split('/');
    if (url.hostname === STAGED_HOST) return answer(this.pageStatus(first.replace('rel-', '')), {}, url.href);
    const live = this.serving(first, second);
    return answer(live === undefined ? 404 : this.pageStatus(live), {}, url.href);
  }

  #obey(request: CustomRequest): object | Promise<object> {
    const place = `${request.project.id}/${request.environment}`;
    switch (request.action) {
      case 'start': {
        const releaseId = `rel-${request.deploymentId}`;
        const placedAt = this.#placedAt.get(releaseId) ?? this.#timeline.now + this.placingMs;
        this.#placedAt.set(releaseId, placedAt);
        return { releaseId, state: placedAt <= this.#timeline.now ? 'done' : 'pending' };
      }
      case 'status':
        return {
          status: this.#statusOf(request.releaseId),
          stagedUrl: `https://${STAGED_HOST}/${request.releaseId}`,
        };
      case 'logs':
        return { lines: [] };
      case 'activate':
        return this.#activate(place, request);
      case 'serving': {
        const live = this.serving(request.project.id, request.environment);
        return {
          deploymentId: live ?? null,
          releaseId: live === undefined ? null : `rel-${live}`,
          url: `https://${LIVE_HOST}/${place}`,
        };
      }
      case 'cancel':
        if (request.releaseId !== undefined) this.#stopped.add(request.releaseId);
        return { stopped: this.#goesOn.length === 0 };
      case 'cleanup':
        return {};
    }
  }

  #activate(place: string, request: CustomRequest & { action: 'activate' }): object | Promise<object> {
    const { releaseId, deploymentId: by, restore } = request;
    const land = () => this.serve({ place, deploymentId: releaseId?.replace('rel-', ''), by, restore });
    if (this.stubborn && !restore) {
      this.#goesOn.push(land);
      return new Promise(() => {});
    }
    land();
    return { state: 'done' };
  }

  /** What went on comes to its end: what it was to make live is live, or nothing has happened. */
  letGo(how: 'done' | 'given up'): void {
    this.stubborn = false;
    const ended = this.#goesOn.splice(0);
    if (how === 'done') for (const land of ended) land();
  }

  #statusOf(releaseId: string): string {
    if (this.#stopped.has(releaseId)) return 'canceled';
    return (this.#placedAt.get(releaseId) ?? 0) <= this.#timeline.now ? 'succeeded' : 'deploying';
  }

  /** What was served and what was placed when (ms), as it is kept. */
  kept = () => ({ history: [...this.history], placed: [...this.#placedAt] });

  load({ history, placed }: ReturnType<Platform['kept']>): void {
    this.history.push(...history);
    for (const one of history) this.#serving.set(one.place, one);
    for (const [release, at] of placed) this.#placedAt.set(release, at);
  }

  /** From now on this is served, there or at a site. */
  serve(change: Omit<Served, 'at'>): void {
    const served = { at: this.#timeline.now, ...change };
    this.onServe(served);
    this.history.push(served);
    this.#serving.set(change.place, served);
  }
}

const answer = (status: number, body: object, url: string): GuardedResponse => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
  url,
});
