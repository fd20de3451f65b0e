import type { LogLineView, LogPage } from '../../../shared/contracts/logs.ts';
import { holds } from '../../../shared/domain/log-filter.ts';
import { unwrap } from '../result.ts';
import { deploymentStatusView } from '../shapes/deployment-status.ts';
import type { StatusUpdate } from '../shapes/frames.ts';
import { logPage } from '../shapes/logs.ts';
import { call, type Request, type TransportOptions } from '../transport.ts';
import { LogCursor } from './cursor.ts';
import type { DeploymentFeedOptions, FeedEvent } from './feed.ts';
import { ALIVE } from './listen.ts';
import { answerWithinMs } from './pace.ts';
import { Statuses, updateOf } from './statuses.ts';

/** Only lines that pass; absent parts mean everything. */
export interface LineFilter {
  /** This level and what is more severe. */
  readonly level?: LogLineView['level'] | undefined;
  readonly step?: string | undefined;
  readonly source?: LogLineView['source'] | undefined;
  /** Only lines from this time on (ISO 8601, UTC). */
  readonly since?: string | undefined;
  /** Text that the message holds, whatever its case and colours. */
  readonly search?: string | undefined;
}

export type Sign = FeedEvent | typeof ALIVE;

/** What was heard of a deployment so far, whatever the way: cursor and statuses, and how to read what is missing. */
export class Hearing {
  readonly transport: TransportOptions;
  readonly deploymentId: string;
  readonly path: string;
  readonly options: DeploymentFeedOptions;
  readonly cursor: LogCursor;
  readonly #statuses = new Statuses();
  readonly #since: number;
  readonly #attempts: number;

  /** `attempts` of a read: one is enough for who comes back anyway, in the same way or in another. */
  constructor(
    transport: TransportOptions,
    deploymentId: string,
    options: DeploymentFeedOptions,
    attempts = 1,
  ) {
    this.transport = transport;
    this.deploymentId = deploymentId;
    this.path = `/deployments/${encodeURIComponent(deploymentId)}`;
    this.options = options;
    this.#attempts = attempts;
    this.cursor = new LogCursor(options.after ?? 0, this.isFiltered);
    this.#since = options.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(options.since);
  }

  get topic(): `deployment:${string}` {
    return `deployment:${this.deploymentId}`;
  }

  get isFiltered(): boolean {
    const { level, step, source, since, search } = this.options;
    return [level, step, source, since, search].some((part) => part !== undefined);
  }

  get wantsStatuses(): boolean {
    return this.options.statuses !== false;
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** Sockets know nothing of `since` and `search`: what does not pass is left out here. */
  *lines(lines: readonly LogLineView[]): Generator<FeedEvent> {
    const { search } = this.options;
    for (const line of lines) {
      if (Date.parse(line.at) < this.#since) continue;
      if (search === undefined || holds(line.message, search)) yield { kind: 'line', line };
    }
  }

  *status(status: StatusUpdate): Generator<FeedEvent> {
    if (this.wantsStatuses && this.#statuses.take(status)) yield { kind: 'status', status };
  }

  /** One page from the cursor on, held back until there is something for `wait` seconds at the most. */
  async *page(wait: number): AsyncGenerator<Sign, LogPage> {
    const { level, step, source, since, search } = this.options;
    const page = await this.get({
      path: `${this.path}/logs`,
      query: {
        after: this.cursor.at,
        limit: 1000,
        level,
        step,
        source,
        since,
        search,
        wait: wait || undefined,
      },
      answer: logPage,
      timeoutMs: answerWithinMs(wait),
    });
    yield ALIVE;
    yield* this.lines(this.cursor.page(page));
    return page;
  }

  /** Everything that is stored behind the cursor, page by page. */
  async *stored(): AsyncGenerator<Sign> {
    for (let at = -1; this.cursor.end === undefined && this.cursor.at > at; ) {
      at = this.cursor.at;
      yield* this.page(0);
    }
  }

  /** The status as it is now, where statuses are wanted. */
  async *currentStatus(): AsyncGenerator<Sign> {
    if (!this.wantsStatuses) return;
    const answer = deploymentStatusView;
    yield* this.status(updateOf(await this.get({ path: `${this.path}/status`, answer })));
  }

  /** True once the log is complete: then its end was given, and before it the last status. */
  async *isComplete(): AsyncGenerator<Sign, boolean> {
    const { end } = this.cursor;
    if (end === undefined) return false;
    // Its push may have been lost, or not have come yet.
    if (!this.#statuses.hasEnded(this.deploymentId)) yield* this.currentStatus();
    const provable = !this.isFiltered && (this.options.after ?? 0) === 0;
    yield { kind: 'end', lines: end.lines, hash: end.hash, provable };
    return true;
  }

  async get<T>(request: Omit<Request<T>, 'method'>): Promise<T> {
    const { transport, signal } = this;
    return unwrap(await call(transport, { method: 'GET', attempts: this.#attempts, signal, ...request }));
  }
}
