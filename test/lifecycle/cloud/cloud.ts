import { sumOf, type Units } from '../../../shared/domain/cost.ts';
import { forgetPurses } from '../../../shared/platform/account.ts';
import { deploymentFromImage } from '../../../shared/store/deployment-item.ts';
import { LIVE, RECORDS } from '../../../shared/store/tables.ts';
import { labelOf, lambdaCommands, stepFunctionsCommands } from './aws.ts';
import { determine } from './determined.ts';
import { Dynamo } from './dynamo/engine.ts';
import { Table } from './dynamo/table.ts';
import { EdgeKeys } from './edge-keys.ts';
import { Faults } from './faults.ts';
import { HANDLERS, type HandlerName } from './handlers.ts';
import { FunctionFailed, Functions, type Handler } from './lambda.ts';
import { Buckets } from './objects.ts';
import { outside } from './outside.ts';
import { Platform } from './platform.ts';
import { asNobody, current } from './process.ts';
import { Queue } from './queue.ts';
import { Schedules } from './schedules.ts';
import { answerClients, type Commands } from './sdk.ts';
import { Seam } from './seam.ts';
import { Sites } from './sites.ts';
import { Sockets } from './sockets.ts';
import type { Stack } from './stack.ts';
import { StateMachines } from './states/machines.ts';
import { StateError } from './states/paths.ts';
import { Stream } from './streams.ts';
import { Timeline } from './timeline.ts';

const SHA = 'c0ffee'.padEnd(40, '0');
const START = Date.UTC(2025, 0, 15, 12);
const MINUTE_MS = 60_000;
/** The HTTP API gives up a function after this (ms). */
const HTTP_MS = 30_000;
/** The rule's attempts (infra: events.ts), as far apart as EventBridge's own backoff begins. */
const RULE_RETRIES_MS = [30_000, 60_000, 120_000, 240_000, 480_000];

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface CloudSettings {
  readonly stack: Stack;
  readonly handlers: Readonly<Record<HandlerName, Handler>>;
  readonly seed: number;
  /** When it begins (ms); a fixed moment where it is not given. */
  readonly startAt?: number | undefined;
}

let active: Cloud | undefined;

/**
 * The service as CDK emits it, its real functions from their real entry files, on an AWS in memory whose time is
 * virtual. One at a time in a process: the functions hold the clients, the clock and the randomness of the process.
 */
export class Cloud {
  readonly timeline: Timeline;
  readonly records = new Table(RECORDS);
  readonly live = new Table(LIVE);
  readonly buckets = new Buckets();
  readonly edgeKeys = new EdgeKeys();
  readonly functions: Functions;
  readonly machines: StateMachines;
  readonly stream: Stream;
  readonly schedules: Schedules;
  readonly queue: Queue;
  readonly platform: Platform;
  readonly sites: Sites;
  readonly seam: Seam;
  readonly sockets: Sockets;
  /** All that was spent, the sweep's own looking left out: what the counts of the records are held against. */
  spent: Units = {};
  readonly events: { readonly type: string; readonly detail: unknown }[] = [];
  readonly complaints: string[] = [];
  faults = new Faults();
  /** False: the rule for ended executions does not fire. */
  ruleWorks = true;
  /** The commit that a branch stands at when it is asked for. */
  commitOf = () => SHA;
  #requests = 0;

  constructor({ stack, handlers, seed, startAt = START }: CloudSettings) {
    active = this;
    forgetPurses();
    this.timeline = new Timeline(startAt);
    determine(this.timeline, seed);
    this.seam = new Seam(this.timeline, () => this.faults);
    this.functions = new Functions(this.timeline, this.seam);
    this.functions.onPaid = (name, units) => this.#pay(name, units);
    for (const name of HANDLERS)
      this.functions.define(name, {
        handler: handlers[name],
        timeoutMs: (stack.timeouts[name] ?? 29) * 1000,
        memoryMb: stack.memory[name] ?? 512,
      });
    this.machines = new StateMachines(this.timeline, (name, payload, state) =>
      this.#invokeForState(name, payload, state),
    );
    for (const [arn, definition] of Object.entries(stack.machines)) this.machines.define(arn, definition);
    this.machines.onEnded = ({ name, status }) => {
      if (!this.ruleWorks || status === 'SUCCEEDED') return;
      const payload = { op: 'reap', contract: 1, deploymentId: name, reason: 'execution-ended' };
      asNobody(() => this.functions.send('steps', payload, 'steps.reap', RULE_RETRIES_MS));
    };
    this.stream = new Stream(this.timeline, this.functions, 'relay');
    this.stream.isWanted = ({ key }) => key.pk.startsWith('DEP#');
    this.records.listeners.push((change) => asNobody(() => this.stream.add(change)));
    this.schedules = new Schedules(this.timeline, this.functions);
    this.queue = new Queue(this.timeline, this.functions);
    this.sockets = new Sockets(this.timeline, this.functions, (units) => this.#pay('sockets', units));
    this.platform = new Platform(this.timeline, this.seam);
    this.sites = new Sites(this.edgeKeys, this.platform, this.seam, (fence) => this.#ownerWith(fence));
    this.platform.sitePage = (url, headers) => this.sites.page(url, headers);
    this.#connect();
    this.#sweepEveryMinute();
  }

  /** A request over HTTPS, from whoever calls; rejects where the connection or the gateway failed. */
  http(
    method: string,
    path: string,
    body: object | undefined,
    token: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    const route = path.replaceAll(/[a-z]{3}_[0-9A-Z]{26}(\.[a-z]+\.\d+)?/g, '*').split('?', 1)[0] ?? path;
    return this.seam.call({
      service: 'http',
      operation: `${method} ${route}`,
      changes: method !== 'GET',
      effect: () => this.#answer(method, path, route, body, { authorization: `Bearer ${token}`, ...headers }),
      refusals: {
        unavailable: () => new Error('The connection failed.'),
        throttled: () => new Error('Too many requests.'),
        timeout: () => new Error('No answer came.'),
      },
      timeoutMs: HTTP_MS,
    });
  }

  /** A runner's upload to a signed address. */
  upload(url: string, bytes: Uint8Array): Promise<void> {
    return this.seam.call({
      service: 's3',
      operation: 'upload',
      changes: true,
      effect: () => {
        const { hostname, pathname } = new URL(url);
        this.#pay('upload', { puts: 1 });
        this.buckets.put(hostname.split('.', 1)[0] ?? '', decodeURIComponent(pathname.slice(1)), bytes);
      },
      refusals: {
        unavailable: () => new Error('The connection failed.'),
        throttled: () => new Error('Slow down.'),
        timeout: () => new Error('No answer came.'),
      },
      timeoutMs: HTTP_MS,
    });
  }

  async #answer(
    method: string,
    path: string,
    route: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer> {
    const [rawPath = '', rawQueryString = ''] = path.split('?', 2);
    const name = functionFor(rawPath);
    this.#requests += 1;
    this.#pay(name, { requests: 1 });
    const event = {
      version: '2.0',
      rawPath,
      rawQueryString,
      headers: { 'content-type': 'application/json', ...headers },
      requestContext: {
        http: { method, path: rawPath },
        stage: '$default',
        requestId: `request-${this.#requests}`,
        domainName: 'api.example.com',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      isBase64Encoded: false,
    };
    try {
      const answer = await asNobody(() => this.functions.invoke(name, event, `${name} ${method} ${route}`));
      // The form that the HTTP API's functions answer in.
      const { statusCode, body: text } = answer as { statusCode: number; body?: string };
      return { status: statusCode, body: text === undefined || text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      if (!(error instanceof FunctionFailed)) throw error;
      return { status: 500, body: undefined };
    }
  }

  async #invokeForState(name: string, payload: unknown, state: string): Promise<unknown> {
    const fault = (code: string) => () => new StateError(code, 'of the harness');
    try {
      return await asNobody(() =>
        this.seam.call({
          by: `states ${state}`,
          service: 'lambda',
          operation: 'Invoke',
          changes: true,
          effect: () => this.functions.invoke(name, payload, labelOf(name, payload)),
          refusals: {
            unavailable: fault('Lambda.ServiceException'),
            throttled: fault('Lambda.TooManyRequestsException'),
            timeout: fault('Lambda.ClientExecutionTimeoutException'),
          },
          timeoutMs: 960_000,
        }),
      );
    } catch (error) {
      throw error instanceof FunctionFailed ? new StateError(error.code, error.message) : error;
    }
  }

  #sweepEveryMinute(): void {
    this.timeline.in(MINUTE_MS, () => {
      this.#sweepEveryMinute();
      this.functions.invoke('sweep', {}, 'sweep').catch((error: unknown) => {
        if (!(error instanceof FunctionFailed)) throw error;
      });
    });
  }

  #connect(): void {
    const dynamo = new Dynamo({ records: this.records, live: this.live }, () => this.timeline.now);
    const simple = (
      name: string,
      execute: (operation: string, input: object) => unknown,
      reads: readonly string[],
      changes: readonly string[],
    ): Commands => ({ service: { name, execute }, reads, changes });
    const commands: readonly Commands[] = [
      simple(
        'dynamodb',
        (operation, input) => dynamo.execute(operation, input),
        ['GetItem', 'Query'],
        ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'],
      ),
      this.schedules.commands,
      stepFunctionsCommands(this.machines),
      lambdaCommands(this.functions),
      simple(
        's3',
        (operation, input) => this.buckets.execute(operation, input),
        ['HeadObject', 'GetObject', 'ListObjectsV2'],
        ['PutObject', 'DeleteObjects'],
      ),
      simple(
        'edge-keys',
        (operation, input) => this.edgeKeys.execute(operation, input),
        ['DescribeKeyValueStore', 'GetKey'],
        ['PutKey'],
      ),
      simple('events', (_, input) => this.#publish(input), [], ['PutEvents']),
      this.queue.commands,
      this.sockets.commands,
    ];
    answerClients(
      () => this.#present().seam,
      () => commands,
      (table, key) => {
        const [pk = '', sk = ''] = [key?.['pk']?.S, key?.['sk']?.S];
        const found = (table === 'live' ? this.live : this.records).get(pk, sk);
        return found === undefined ? undefined : { ...found };
      },
      (units) => this.#present().#pay(current()?.label ?? '', units),
    );
    outside.fetch = (request) => this.platform.fetch(request);
    // The target keeps the first one that it gets; the run that goes on answers.
    globalThis.fetch = (input, options) => (active ?? this).sites.fetch(input, options);
    outside.resolveRef = async ({ ref }) => ({
      kind: 'resolved',
      sha: this.commitOf(),
      ref: `refs/heads/${ref}`,
    });
    outside.complain = (level, message, facts) => {
      const error = (facts as { error?: unknown } | undefined)?.error;
      this.complaints.push(
        `${level} ${message} ${error instanceof Error ? error.stack : JSON.stringify(facts)}`,
      );
    };
  }

  #pay(by: string, units: Units): void {
    if (by !== 'sweep') this.spent = sumOf(this.spent, units);
  }

  /** Whose deployment it is that got the slot with this fence. */
  #ownerWith(fence: number): string | undefined {
    const deployments = [...this.records.all()].filter(({ sk }) => sk?.S === 'DEP').map(deploymentFromImage);
    return deployments.find((one) => one.fence === fence)?.id;
  }

  /** What an earlier run left behind must not reach this one. */
  #present(): Cloud {
    if (active !== this) throw new Error('This run is over.');
    return this;
  }

  #publish(input: object): object {
    // The form of PutEvents.
    const { Entries = [] } = input as { Entries?: { DetailType?: string; Detail?: string }[] };
    for (const { DetailType = '', Detail = '{}' } of Entries)
      this.events.push({ type: DetailType, detail: JSON.parse(Detail) });
    return { $metadata: {}, FailedEntryCount: 0, Entries: [] };
  }
}

/** Which function answers a path (infra: http-api.ts). */
function functionFor(path: string): HandlerName {
  if (path.startsWith('/v1/runner/') || /^\/v1\/jobs\/[^/]+\/artifact$/.test(path)) return 'jobs';
  return path.startsWith('/v1/jobs/') ? 'ingest' : 'api';
}
