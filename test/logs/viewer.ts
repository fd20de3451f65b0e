import { type DeploymentFeedOptions, deploymentFeed } from '../../client/src/realtime/feed.ts';
import { PACE, type Pace } from '../../client/src/realtime/pace.ts';
import type { TransportOptions } from '../../client/src/transport.ts';
import type { Timeline } from '../lifecycle/cloud/timeline.ts';
import { type Chain, LineCheck, type Truth } from './check.ts';
import { fetchOver } from './fetch.ts';
import type { Cut } from './gateway.ts';
import type { Service } from './service.ts';

/**
 * Silence is looked into a little sooner than by default, and sockets that hardly live are no reason to do without:
 * so that a run of minutes has as many chances as a day.
 */
const EAGER: Pace = {
  ...PACE,
  quietMs: 2000,
  pingMs: 4000,
  pongMs: 2000,
  briefMs: 50,
  firstPauseMs: 100,
  firstClimbMs: 2000,
  mostClimbMs: 20_000,
};

export interface ViewerPlan {
  readonly who: string;
  readonly deploymentId: string;
  readonly token: string;
  readonly truth: Truth;
  readonly chain: Chain;
  /** How often its line is cut, each time at a random frame, of so many lines. */
  readonly cuts: number;
  readonly lines: number;
  /** It gets no socket for most of the time. */
  readonly withoutSockets?: boolean | undefined;
  readonly filter?: Pick<DeploymentFeedOptions, 'level'> | undefined;
  /** The lines that pass it. */
  readonly wants?: ((k: number) => boolean) | undefined;
}

/** Somebody with the real feed of the SDK, on a bad line, who checks every line that comes. */
export class Viewer {
  readonly check: LineCheck;
  readonly plan: ViewerPlan;
  done = false;
  /** Sockets that were opened. */
  opened = 0;
  ways = new Set<string>();
  #cuts = 0;
  readonly #service: Service;
  readonly #timeline: Timeline;

  constructor(service: Service, timeline: Timeline, plan: ViewerPlan) {
    this.plan = plan;
    this.check = new LineCheck(plan.who, plan.truth, plan.chain, plan.wants);
    this.#service = service;
    this.#timeline = timeline;
  }

  /** Watches to the end of the log. */
  async watch(): Promise<void> {
    const { deploymentId, filter = {} } = this.plan;
    const statuses: string[] = [];
    try {
      for await (const event of deploymentFeed(this.#transport(), deploymentId, filter, EAGER)) {
        if (event.kind === 'line') this.check.take(event.line);
        if (event.kind === 'status') statuses.push(event.status.status);
        if (event.kind !== 'end') continue;
        this.check.end(event);
        if (statuses.at(-1) !== 'succeeded') this.check.say(`heard of ${statuses.at(-1)} last`);
        if (event.provable !== (this.plan.filter === undefined))
          this.check.say('misjudges what it can prove');
      }
      this.done = true;
    } catch (error) {
      this.check.say(`failed: ${String(error)}`);
    }
  }

  #transport(): TransportOptions {
    const owner = { opens: () => this.#opens(), onOpen: (id: string) => this.#onOpen(id) };
    const go = fetchOver(this.#service, this.#timeline);
    const fetch: typeof go = (input, init) => {
      const way = wayOf(String(input));
      this.ways.add(way);
      if (way === 'slices' && this.#isHeldUp()) return Promise.reject(new TypeError('fetch failed'));
      return go(input, init);
    };
    const { token } = this.plan;
    return { url: 'https://api.test', token, fetch, WebSocket: this.#service.gateway.socketsFor(owner) };
  }

  #opens(): boolean {
    return this.#service.calm || this.plan.withoutSockets !== true || this.#service.chance.happens(0.05);
  }

  /** Some proxies hand on no event streams. */
  #isHeldUp(): boolean {
    return this.plan.withoutSockets === true && !this.#service.calm && this.#service.chance.happens(0.2);
  }

  #onOpen(id: string): void {
    this.opened += 1;
    this.ways.add('socket');
    this.#service.gateway.watch(id, (text) => this.#mayBeCut(id, text));
  }

  /** Cuts at random frames, the more probable the more lines they have, until all cuts are used. */
  #mayBeCut(id: string, text: string): void {
    const { chance, gateway } = this.#service;
    const { cuts, lines } = this.plan;
    const inFrame = text.split('"n":').length - 1;
    const isNow = inFrame > 0 && this.#cuts < cuts && chance.happens((3 * cuts * inFrame) / lines);
    if (!isNow) return;
    const luck = chance.unit();
    const how: Cut = luck < 0.85 ? 'closed' : luck < 0.97 ? 'unnoticed' : 'half-open';
    const cut = () => {
      if (gateway.cut(id, how)) this.#cuts += 1;
    };
    // Before this frame arrives, or a little later.
    if (chance.happens(0.5)) cut();
    else this.#timeline.in(chance.between(0, 300), cut);
  }
}

function wayOf(url: string): string {
  if (url.includes('/events')) return 'slices';
  if (!url.includes('/logs')) return 'other';
  return url.includes('wait=') ? 'waiting' : 'reads';
}
