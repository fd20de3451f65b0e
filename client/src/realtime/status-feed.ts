import { FELL_BEHIND } from '../../../shared/contracts/frame-codes.ts';
import type { ClientFrame } from '../../../shared/contracts/realtime.ts';
import { unwrap } from '../result.ts';
import { type DeploymentRow, deploymentRow } from '../shapes/deployment-lists.ts';
import { deploymentStatusView } from '../shapes/deployment-status.ts';
import { deploymentView } from '../shapes/deployments.ts';
import type { Frame, StatusUpdate } from '../shapes/frames.ts';
import { pageOf } from '../shapes/pages.ts';
import { jittered, now, pause } from '../time.ts';
import { call, type Request, type TransportOptions } from '../transport.ts';
import { ALIVE, type Ending, type ListenOptions, listen, type Way } from './listen.ts';
import { answerWithinMs, PACE, type Pace } from './pace.ts';
import { openSocket } from './socket.ts';
import { Statuses, updateOf } from './statuses.ts';
import { refusedBy } from './taken.ts';

type Sign = StatusUpdate | typeof ALIVE;
type Subscribe = Extract<ClientFrame, { action: 'subscribe' }>;

/** Deployments of a project that are looked at where no socket can be had: more do not run at the same time. */
const ROWS = 20;

/** The status of one deployment as it changes, up to the one that it ends with. */
export function deploymentStatuses(
  transport: TransportOptions,
  id: string,
  options: ListenOptions = {},
  pace: Pace = PACE,
): AsyncGenerator<StatusUpdate> {
  const watch = new StatusWatch(transport, options, pace);
  const look = () => watch.lookAt(id);
  const isOver = () => watch.statuses.hasEnded(id);
  // Whoever watches a deployment gets its lines besides: of those the fewest.
  const subscription: Subscribe = { action: 'subscribe', topic: `deployment:${id}`, level: 'error' };
  const ways: [Way<StatusUpdate>, ...Way<StatusUpdate>[]] = [
    () => watch.overSocket(subscription, look, isOver),
    (until) => watch.overReads(until, look, isOver, () => watch.change(id)),
    (until) => watch.overReads(until, look, isOver),
  ];
  return listen(ways, options, pace);
}

/** The status of every deployment of a project as it changes; it never ends by itself. */
export function projectStatuses(
  transport: TransportOptions,
  id: string,
  options: ListenOptions = {},
  pace: Pace = PACE,
): AsyncGenerator<StatusUpdate> {
  const watch = new StatusWatch(transport, options, pace);
  const look = () => watch.lookOver(id);
  const never = () => false;
  return listen<StatusUpdate>(
    [
      () => watch.overSocket({ action: 'subscribe', topic: `project:${id}` }, look, never),
      (until) => watch.overReads(until, look, never),
    ],
    options,
    pace,
  );
}

class StatusWatch {
  readonly statuses = new Statuses();
  readonly #transport: TransportOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #pace: Pace;
  /** Rows as they were read last, by deployment: what has changed is asked for. */
  readonly #rows = new Map<string, string>();

  constructor(transport: TransportOptions, { signal }: ListenOptions, pace: Pace) {
    this.#transport = transport;
    this.#signal = signal;
    this.#pace = pace;
  }

  async *overSocket(
    subscription: Subscribe,
    look: () => AsyncGenerator<Sign>,
    isOver: () => boolean,
  ): AsyncGenerator<Sign, Ending> {
    const socket = await openSocket(this.#transport, this.#pace, this.#signal);
    try {
      socket.send(subscription);
      for await (const frame of socket.frames()) {
        if (frame === 'tick') continue;
        yield ALIVE;
        if (isForgotten(frame, subscription.topic)) socket.send(subscription);
        else if (frame.type === 'error') throw refusedBy(frame.data);
        if (frame.type === 'status') yield* this.#news(frame.data);
        // It was silent for a while, or the log is closed, and something goes on as far as is known: was a push lost?
        if ((frame.type === 'pong' || frame.type === 'end') && this.statuses.anyOpen) yield* look();
        if (isOver()) return 'done';
      }
      return 'cut';
    } finally {
      socket.close();
    }
  }

  /** Looks again and again: after `change`, or less and less often while nothing changes. */
  async *overReads(
    until: number,
    look: () => AsyncGenerator<Sign>,
    isOver: () => boolean,
    change?: () => Promise<void>,
  ): AsyncGenerator<Sign, Ending> {
    const { firstPauseMs, mostPauseMs } = this.#pace;
    for (let pauseMs = firstPauseMs; ; ) {
      let isNews = false;
      for await (const sign of look()) {
        isNews ||= sign !== ALIVE;
        yield sign;
      }
      if (isOver()) return 'done';
      if (now() >= until) return 'time';
      pauseMs = isNews ? firstPauseMs : Math.min(mostPauseMs, pauseMs * 2);
      await (change?.() ?? pause(jittered(pauseMs), this.#signal));
    }
  }

  /** One deployment as it is now. */
  async *lookAt(id: string): AsyncGenerator<Sign> {
    const path = `/deployments/${encodeURIComponent(id)}/status`;
    const status = updateOf(await this.#get({ path, answer: deploymentStatusView }));
    yield ALIVE;
    yield* this.#news(status);
  }

  /** The newest deployments of a project; of those that changed, how they are now. */
  async *lookOver(projectId: string): AsyncGenerator<Sign> {
    const path = `/projects/${encodeURIComponent(projectId)}/deployments`;
    const answer = pageOf<DeploymentRow>(deploymentRow);
    const page = await this.#get({ path, query: { limit: ROWS }, answer });
    yield ALIVE;
    for (const row of page.items.toReversed()) {
      const text = JSON.stringify(row);
      if (this.#rows.get(row.id) === text) continue;
      yield* this.lookAt(row.id);
      this.#rows.set(row.id, text);
    }
  }

  /** Resolves when the deployment has changed since it was looked at, or after a while. */
  async change(id: string): Promise<void> {
    const { waitSeconds } = this.#pace;
    const revision = this.statuses.revisionOf(id);
    const path = `/deployments/${encodeURIComponent(id)}`;
    const timeoutMs = answerWithinMs(waitSeconds);
    const query = { wait: waitSeconds, revision };
    const seen = await this.#get({ path, query, answer: deploymentView, timeoutMs });
    // A service that does not hold answers back must not be asked in a tight loop.
    if (seen.revision === revision) await pause(this.#pace.firstPauseMs, this.#signal);
  }

  *#news(status: StatusUpdate): Generator<StatusUpdate> {
    if (this.statuses.take(status)) yield status;
  }

  async #get<T>(request: Omit<Request<T>, 'method'>): Promise<T> {
    const [transport, signal] = [this.#transport, this.#signal];
    return unwrap(await call(transport, { method: 'GET', attempts: 1, signal, ...request }));
  }
}

/** It was too slow for a frame, or is not listed among what this socket hears: it has to subscribe again. */
const isForgotten = (frame: Frame, topic: string): boolean =>
  frame.type === 'error'
    ? frame.data.code === FELL_BEHIND
    : frame.type === 'pong' && !frame.data.heads.some((head) => head.topic === topic);
