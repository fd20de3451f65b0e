import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ApiDeps } from '../../functions/api/deps.ts';
import { routesFor } from '../../functions/api/groups.ts';
import { known } from '../../functions/api/known.ts';
import { httpHandler } from '../../functions/http/handler.ts';
import type { IngestDeps } from '../../functions/ingest/deps.ts';
import { JobMemory } from '../../functions/ingest/job-memory.ts';
import { ingestRoutes, MAX_POST_BODY_BYTES } from '../../functions/ingest/routes.ts';
import { type SocketEvent, socketHandler } from '../../functions/realtime/handler.ts';
import { routes as waitingRoutes } from '../../functions/waiting/routes.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { Log } from '../../shared/platform/logger.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { fromChunkItem } from '../../shared/store/log-chunk.ts';
import { LogTails } from '../../shared/store/log-tails.ts';
import { LIVE, RECORDS } from '../../shared/store/tables.ts';
import { answerOf, contextOf, eventOf } from '../functions/api/support.ts';
import { socketEvent } from '../functions/realtime/world.ts';
import { Dynamo } from '../lifecycle/cloud/dynamo/engine.ts';
import { Table } from '../lifecycle/cloud/dynamo/table.ts';
import { current, kill, never, type Process, runAs, waiting } from '../lifecycle/cloud/process.ts';
import type { Timeline } from '../lifecycle/cloud/timeline.ts';
import type { Chance } from '../sim/chance.ts';
import { taskMachine } from '../support/task-machine.ts';
import { Gateway } from './gateway.ts';
import { memoryObjects } from './objects.ts';

/** Share of invocations that die, and the calls to the outside after which they do, at the most. */
const DYING = 0.004;
const LAST_CALL = 12;
/** Share of calls to the database that take a moment, in which others go on. */
const SLOW = 0.2;
/** Processes of ingest at the same time: each with a memory of its own. */
const INGESTS = 2;
const DEPLOYMENTS_WAITING = 4;

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The service: its real handlers on the engine in memory, each invocation a process that may die between any two
 * writes, and with it what it remembered.
 */
export class Service {
  readonly store: StoreContext;
  readonly gateway: Gateway;
  readonly objects = memoryObjects();
  readonly chance: Chance;
  deaths = 0;
  /** Nothing dies any more. */
  calm = false;
  /** Told of everything that the service writes into its own log, or answers. */
  sink: (text: string) => void = () => {};
  readonly #timeline: Timeline;
  readonly #records = new Table(RECORDS);
  readonly #live = new Table(LIVE);
  readonly #fates = new WeakMap<Process, { calls: number }>();
  readonly #ingests: ReturnType<Service['ingest']>[];
  readonly #api: ReturnType<typeof httpHandler<ApiDeps>>;
  readonly #waiting: ReturnType<typeof httpHandler>;

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline;
    this.chance = chance;
    const tables = { records: this.#records, live: this.#live };
    const dynamo = new Dynamo(tables, () => timeline.now);
    const send = async (command: {
      readonly input: object;
      readonly constructor: { readonly name: string };
    }) => dynamo.execute(command.constructor.name.replace(/Command$/, ''), command.input);
    type Sent = Parameters<typeof send>[0];
    // The store calls `send` and nothing else.
    const client = {
      send: (command: Sent) => this.#outside(() => send(command)),
    } as unknown as StoreContext['client'];
    const names = { recordsTable: 'records', liveTable: 'live', cursorKey: 'key' };
    this.store = { ...names, client, clock: systemClock, random: systemRandom };
    this.gateway = new Gateway(timeline, chance);
    const log = this.#log();
    const poster = { post: (id: string, text: string) => this.#outside(() => this.gateway.post(id, text)) };
    const { store, objects } = this;
    const realtime = socketHandler({ store, poster, log, archive: objects, origins: new Set() });
    const socket = (route: string, id: string, over: Partial<SocketEvent>) =>
      this.run(`realtime ${route}`, () => realtime(socketEvent(route, id, over), {}));
    this.gateway.routes = {
      connect: async (id, ticket) =>
        (await socket('$connect', id, { queryStringParameters: { ticket } })).statusCode,
      receive: (id, body) => socket('$default', id, { body }),
      disconnect: (id) => socket('$disconnect', id, {}),
    };
    const refuse = () => Promise.reject(new Error('Nobody asks for that here.'));
    const artifacts = async () =>
      ({ objects, inspect: refuse }) as unknown as Awaited<ReturnType<ApiDeps['artifacts']>>;
    const deps = { store, log, artifacts, secrets: refuse, machine: refuse, scheduler: refuse };
    this.#api = httpHandler<ApiDeps>(routesFor, {
      ...deps,
      known: known(),
      defaultRunner: 'agent',
      websocketUrl: 'wss://sockets.test',
      parts: [],
    });
    this.#waiting = httpHandler(waitingRoutes, { store, log, artifacts, places: DEPLOYMENTS_WAITING });
    this.posting = { poster, fanOut: { send: refuse } };
    this.#ingests = Array.from({ length: INGESTS }, () => this.ingest());
  }

  /** How sockets are reached; there are never so many that workers would have to. */
  readonly posting: IngestDeps['publishing'];

  /** A process of ingest, with its memory. */
  ingest() {
    const deps: IngestDeps = {
      store: this.store,
      log: this.#log(),
      publishing: this.posting,
      machine: async () => taskMachine(),
      artifacts: async () => this.objects,
      tails: new LogTails(),
      jobs: new JobMemory(),
    };
    return httpHandler(ingestRoutes, deps, { maxBodyBytes: MAX_POST_BODY_BYTES });
  }

  /** A post of a runner, to whichever process takes it. @throws Died, where that dies: nothing is answered */
  async post(jobKey: string, body: unknown, token: string) {
    const i = this.chance.between(0, INGESTS - 1);
    const handler = this.#ingests[i];
    if (handler === undefined) throw new RangeError('no ingest');
    const event = eventOf(`POST /v1/jobs/${jobKey}/lines`, { body, token }, '');
    try {
      return answerOf(await this.run('ingest', () => handler(event, contextOf())));
    } catch (error) {
      this.#ingests[i] = this.ingest();
      throw error;
    }
  }

  /** What API Gateway does with a request of a client. */
  async answer({ method, target, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const sent = { token: null, headers, ...(body === undefined ? {} : { text: body }) };
    const event = eventOf(`${method} ${target}`, sent, '');
    const isWaiting = /^\/v1\/(?:waiting\/|deployments\/[^/]+\/events)/.test(target);
    const handler = isWaiting ? this.#waiting : this.#api;
    const {
      statusCode = 0,
      headers: answered = {},
      body: text = '',
    } = await this.run(isWaiting ? 'waiting' : 'api', () => handler(event, contextOf()));
    this.sink(text);
    const named = Object.entries(answered).map(([name, value]) => [name, String(value)]);
    return { status: statusCode, headers: Object.fromEntries(named), body: text };
  }

  /** Runs something as a process of its own, which may die. */
  run<T>(label: string, work: () => Promise<T>): Promise<T> {
    const process: Process = { label, dead: false, waits: 0 };
    if (!this.calm && this.chance.happens(DYING))
      this.#fates.set(process, { calls: this.chance.between(1, LAST_CALL) });
    return runAs(this.#timeline, process, work);
  }

  /** A call to something outside of the function: here it takes a moment, and here it dies, before or after. */
  async #outside<T>(call: () => Promise<T>): Promise<T> {
    const process = current();
    if (process?.dead === true) return never();
    if (process !== undefined && this.#isLast(process)) return this.#die(process, call);
    if (this.chance.happens(SLOW)) await waiting(() => this.#timeline.pass(this.chance.between(1, 15)));
    return call();
  }

  #isLast(process: Process): boolean {
    const fate = this.#fates.get(process);
    if (fate === undefined) return false;
    fate.calls -= 1;
    return fate.calls === 0;
  }

  #die<T>(process: Process, call: () => Promise<T>): Promise<T> {
    this.deaths += 1;
    // Half of the times the call arrives, and only its answer does not.
    if (this.chance.happens(0.5)) call().catch(() => undefined);
    kill(this.#timeline, process);
    return never();
  }

  /** Everything that the database holds, as text: chunks of logs unpacked. */
  *stored(): Generator<string> {
    for (const item of this.#records.all()) yield JSON.stringify(item);
    for (const item of this.#live.all()) {
      if (item['kind']?.S !== 'log') yield JSON.stringify(item);
      else for (const { message } of fromChunkItem(unmarshall(item)).read()) yield message;
    }
  }

  #log(): Log {
    const say = (message: string, facts: object = {}) =>
      this.sink(`${message} ${JSON.stringify(facts, errors)}`);
    const log: Log = { debug: say, info: say, warn: say, error: say, with: () => log };
    return log;
  }
}

/** An error as the service's own log has it: all of it. */
const errors = (_: string, value: unknown): unknown =>
  value instanceof Error ? `${value.stack} ${JSON.stringify({ ...value })}` : value;
