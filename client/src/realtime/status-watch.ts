import type { ClientFrame } from '../../../shared/contracts/realtime.ts';
import { unwrap } from '../result.ts';
import { type DeploymentRow, deploymentRow } from '../shapes/deployment-lists.ts';
import { deploymentStatusView } from '../shapes/deployment-status.ts';
import { deploymentView } from '../shapes/deployments.ts';
import type { StatusUpdate } from '../shapes/frames.ts';
import { pageOf } from '../shapes/pages.ts';
import { jittered, now, pause } from '../time.ts';
import { call, type Request, type TransportOptions } from '../transport.ts';
import { ALIVE, type Ending, type ListenOptions } from './listen.ts';
import { answerWithinMs, nextPause, type Pace } from './pace.ts';
import { openSocket } from './socket.ts';
import { Statuses, updateOf } from './statuses.ts';
import { isForgotten, refusedBy } from './taken.ts';

type Sign = StatusUpdate | typeof ALIVE;

/** Deployments of a project that are looked at where no socket can be had: more do not run at the same time. */
const ROWS = 20;

/** What is watched: whose news a socket is asked for, how to look at it now, and when there is nothing more to hear. */
export interface Watched {
  readonly subscription: Extract<ClientFrame, { action: 'subscribe' }>;
  readonly look: () => AsyncGenerator<Sign>;
  readonly isOver: () => boolean;
}

/** What was heard of deployments so far, whatever the way, and the ways to hear more. */
export class StatusWatch {
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

  async *overSocket({ subscription, look, isOver }: Watched): AsyncGenerator<Sign, Ending> {
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
    { look, isOver }: Watched,
    until: number,
    change?: () => Promise<void>,
  ): AsyncGenerator<Sign, Ending> {
    const { firstPauseMs } = this.#pace;
    for (let pauseMs = firstPauseMs; ; ) {
      let isNews = false;
      for await (const sign of look()) {
        isNews ||= sign !== ALIVE;
        yield sign;
      }
      if (isOver()) return 'done';
      if (now() >= until) return 'time';
      pauseMs = isNews ? firstPauseMs : nextPause(pauseMs, this.#pace);
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
