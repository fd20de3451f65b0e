import type { Posted, Poster } from '../../shared/platform/poster.ts';
import { waiting } from '../lifecycle/cloud/process.ts';
import type { Timeline } from '../lifecycle/cloud/timeline.ts';
import type { Chance } from '../sim/chance.ts';

/** What the service does with what comes in over a socket. */
export interface SocketRoutes {
  /** Status of the answer to `$connect`. */
  connect(id: string, ticket: string): Promise<number>;
  receive(id: string, text: string): Promise<unknown>;
  disconnect(id: string): Promise<unknown>;
}

/** How a connection breaks: both sides see it; only the service's half is left; nobody is told of anything. */
export type Cut = 'closed' | 'unnoticed' | 'half-open';

interface Connection {
  readonly id: string;
  readonly socket: LineSocket;
  /** `half-open`: what is sent vanishes, both ways. */
  state: 'open' | 'half-open' | 'closed';
}

/** Share of pushes that look sent and never arrive, and of those that fail for the sender. */
const LOST = 0.01;
const FAILED = 0.003;
/** How long something takes over the line, in ms, at the most. */
const LATENCY_MS = 30;
/** A post that fails is given up after this (ms). */
const GIVEN_UP_MS = 1500;

/** API Gateway's sockets on a line that loses, delays and breaks; each socket is a `WebSocket` for its client. */
export class Gateway implements Poster {
  readonly timeline: Timeline;
  readonly chance: Chance;
  routes: SocketRoutes | undefined;
  /** Nothing is lost, cut or late any more. */
  calm = false;
  posts = 0;
  lost = 0;
  /** Told of everything that goes over the line. */
  sink: (text: string) => void = () => {};
  readonly #watching = new Map<string, (text: string) => void>();
  readonly #connections = new Map<string, Connection>();
  #made = 0;

  constructor(timeline: Timeline, chance: Chance) {
    this.timeline = timeline;
    this.chance = chance;
  }

  get latency(): number {
    return this.chance.between(1, LATENCY_MS);
  }

  post(id: string, text: string): Promise<Posted> {
    this.posts += 1;
    const luck = this.calm ? 1 : this.chance.unit();
    const isLost = luck < LOST;
    if (isLost) this.lost += 1;
    const outcome = luck < LOST + FAILED && !isLost ? 'failed' : 'sent';
    return waiting(
      () =>
        new Promise<Posted>((resolve) => {
          this.timeline.in(outcome === 'failed' ? GIVEN_UP_MS : this.latency, () => {
            const connection = this.#connections.get(id);
            if (connection === undefined) return resolve('gone');
            resolve(outcome);
            // What failed for the sender may have arrived all the same.
            const arrives = !isLost && (outcome === 'sent' || this.chance.happens(0.5));
            if (arrives && connection.state === 'open') this.#deliver(connection, text);
          });
        }),
    );
  }

  /** A class of sockets as `new WebSocket(url)` wants it; `opens` says of each whether it can be had at all. */
  socketsFor(owner: LineOwner): typeof WebSocket {
    const gateway = this;
    // The client uses what LineSocket has of a WebSocket.
    return class extends LineSocket {
      constructor(url: string) {
        super(url, gateway, owner);
      }
    } as unknown as typeof WebSocket;
  }

  async open(socket: LineSocket, ticket: string, owner: LineOwner): Promise<void> {
    this.#made += 1;
    const connection: Connection = { id: `socket-${this.#made}`, socket, state: 'open' };
    await this.timeline.pass(this.latency);
    const refused = !owner.opens();
    const status = refused ? 503 : await this.routes?.connect(connection.id, ticket).catch(() => 500);
    await this.timeline.pass(this.latency);
    if (status !== 200 || socket.readyState !== LineSocket.CONNECTING) {
      socket.closed();
      return;
    }
    this.#connections.set(connection.id, connection);
    socket.opened(connection.id);
    owner.onOpen(connection.id);
  }

  send(id: string, text: string): void {
    this.timeline.in(this.latency, () => {
      if (this.#connections.get(id)?.state === 'open')
        void this.routes?.receive(id, text).catch(() => undefined);
    });
  }

  /** Tells of every frame that is about to reach this client. */
  watch(id: string, hear: (text: string) => void): void {
    this.#watching.set(id, hear);
  }

  /** The client closes. */
  leave(id: string): void {
    this.#end(id, this.chance.happens(0.9));
  }

  /** False where there is nothing to cut any more. */
  cut(id: string, how: Cut): boolean {
    const connection = this.#connections.get(id);
    if (connection === undefined || connection.state !== 'open') return false;
    if (how === 'half-open') {
      connection.state = 'half-open';
      // The service finds out long after the client has.
      this.timeline.in(60_000, () => this.#end(id, true));
      return true;
    }
    this.#end(id, how === 'closed');
    this.timeline.in(this.latency, () => connection.socket.closed());
    return true;
  }

  #end(id: string, isTold: boolean): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.state = 'closed';
    this.#connections.delete(id);
    this.#watching.delete(id);
    if (isTold) this.timeline.in(this.latency, () => void this.routes?.disconnect(id).catch(() => undefined));
  }

  #deliver({ id, socket }: Connection, text: string): void {
    this.sink(text);
    this.#watching.get(id)?.(text);
    socket.received(text);
  }
}

export interface LineOwner {
  opens(): boolean;
  onOpen(id: string): void;
}

/** The client's half of a socket. */
class LineSocket extends EventTarget {
  static readonly CONNECTING = 0;
  readyState = LineSocket.CONNECTING;
  readonly #gateway: Gateway;
  #id = '';

  constructor(url: string, gateway: Gateway, owner: LineOwner) {
    super();
    this.#gateway = gateway;
    void gateway.open(this, new URL(url).searchParams.get('ticket') ?? '', owner);
  }

  send(text: string): void {
    if (this.readyState === 1) this.#gateway.send(this.#id, text);
  }

  close(): void {
    if (this.readyState === 3) return;
    if (this.readyState === 1) this.#gateway.leave(this.#id);
    this.closed();
  }

  opened(id: string): void {
    this.#id = id;
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  received(data: string): void {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data }));
  }

  closed(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}
