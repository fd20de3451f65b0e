import { type LogLineView, type LogPage, logPage } from '../../../shared/contracts/logs.ts';
import type { ServerFrame } from '../../../shared/contracts/realtime.ts';
import { SlipwayFailure } from '../failure.ts';
import { unwrap } from '../result.ts';
import { tolerant } from '../tolerant.ts';
import { call, pause, type TransportOptions } from '../transport.ts';
import { openSocket, type Socket } from './socket.ts';

const pageOfLog = tolerant(logPage);

export type StatusUpdate = Extract<ServerFrame, { type: 'status' }>['data'];

/** What happens to one deployment, in order. Line numbers have no gap and no repeat. */
export type FeedEvent =
  | { readonly kind: 'line'; readonly line: LogLineView }
  | { readonly kind: 'status'; readonly status: StatusUpdate }
  | { readonly kind: 'end'; readonly lines: number; readonly hash: string };

export interface DeploymentFeedOptions {
  /** Go on after this line number; 0 gives everything from line 1. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long the service may stay out of reach before the feed gives up; 5 minutes by default. */
  readonly giveUpAfterMs?: number | undefined;
}

/** Frames that may overtake a replay before its missing lines are read instead: one of its pushes may be lost. */
const PATIENCE = 10;
/** A silent socket is checked against the stored log this often: the last push may have been lost. */
const SILENCE_MS = 5_000;
const GIVE_UP_MS = 300_000;

/**
 * Replay from the cursor, then live, over a socket; while no socket can be had, over plain reads.
 * Survives lost sockets, lost pushes and restarts of the service without gap or repeat.
 */
export async function* deploymentFeed(
  transport: TransportOptions,
  deploymentId: string,
  options: DeploymentFeedOptions = {},
): AsyncGenerator<FeedEvent> {
  const state: State = {
    cursor: options.after ?? 0,
    done: false,
    incomplete: false,
    revision: -1,
    head: undefined,
    passedOver: 0,
    end: undefined,
  };
  let reachedAt = performance.now();
  for (let failures = 0; !state.done; ) {
    options.signal?.throwIfAborted();
    try {
      for await (const event of overSocket(transport, deploymentId, state, options)) {
        reachedAt = performance.now();
        failures = 0;
        yield event;
      }
    } catch (cause) {
      failures += 1;
      if (isFinal(cause)) throw cause;
    }
    if (state.done) return;
    try {
      for (const event of await overRead(transport, deploymentId, state, options)) yield event;
      reachedAt = performance.now();
    } catch (cause) {
      if (isFinal(cause) || performance.now() - reachedAt > (options.giveUpAfterMs ?? GIVE_UP_MS))
        throw cause;
    }
    if (!state.done) await pause(Math.min(8_000, 250 * 2 ** Math.min(failures, 5)), options.signal);
  }
}

interface State {
  cursor: number;
  done: boolean;
  /** A frame named lines that it does not hold (too long for a frame): they are read instead. */
  incomplete: boolean;
  /** Last line of the replay that the present subscription brings; unknown until the service confirms it. */
  head: number | undefined;
  /** Live frames that overtook the replay. */
  passedOver: number;
  /** What the log ended with, once that was heard. */
  end: { readonly lines: number; readonly hash: string } | undefined;
  revision: number;
}

/** A refusal stays one however often it is asked; everything else may pass. */
function isFinal(cause: unknown): boolean {
  return (
    cause instanceof SlipwayFailure &&
    (cause.kind === 'aborted' || (cause.kind === 'refused' && !cause.retryable))
  );
}

async function* overSocket(
  transport: TransportOptions,
  deploymentId: string,
  state: State,
  options: DeploymentFeedOptions,
): AsyncGenerator<FeedEvent> {
  const socket = await openSocket(transport, SILENCE_MS, options.signal);
  try {
    const topic = `deployment:${deploymentId}` as const;
    state.head = undefined;
    socket.send({ action: 'subscribe', topic, after: state.cursor });
    for await (const frame of socket.frames()) {
      if (frame === 'silence') {
        for (const event of await overRead(transport, deploymentId, state, options)) yield event;
      } else {
        yield* applied(frame, state, socket, topic);
        if (state.incomplete) {
          state.incomplete = false;
          for (const event of await overRead(transport, deploymentId, state, options)) yield event;
        }
      }
      if (state.done) return;
    }
  } finally {
    socket.close();
  }
}

function* applied(frame: ServerFrame, state: State, socket: Socket, topic: string): Generator<FeedEvent> {
  switch (frame.type) {
    case 'subscribed':
      state.head = frame.data.head;
      return;
    case 'log': {
      const isIncomplete = (frame.data.omitted ?? []).length > 0;
      if (isIncomplete) state.incomplete = true;
      else if (frame.data.first > state.cursor + 1) missed(frame.data.first, state, socket, topic);
      else yield* newLines(frame.data.lines, state);
      yield* endOf(state);
      return;
    }
    case 'status': {
      if (frame.data.revision <= state.revision) return;
      state.revision = frame.data.revision;
      yield { kind: 'status', status: frame.data };
      return;
    }
    case 'end': {
      state.end = { lines: frame.data.lines, hash: frame.data.hash };
      if (frame.data.lines > state.cursor) missed(frame.data.lines, state, socket, topic);
      yield* endOf(state);
      return;
    }
    case 'error':
      throw new SlipwayFailure('unexpected', `The service refused the subscription: ${frame.data.message}`);
    case 'pong':
    case 'job':
      return;
  }
}

/**
 * Lines before line `first` are not here. A live frame may overtake the replay: then they are on their way, and it is
 * passed over. Otherwise a push was lost, and the cursor asks again.
 */
function missed(first: number, state: State, socket: Socket, topic: string): void {
  const { head, cursor } = state;
  const hasOvertaken = head === undefined || (cursor < head && first > head);
  if (!hasOvertaken) {
    state.head = undefined;
    socket.send({ action: 'subscribe', topic, after: cursor });
    return;
  }
  state.passedOver += 1;
  if (state.passedOver < PATIENCE) return;
  state.passedOver = 0;
  state.incomplete = true;
}

function* endOf(state: State): Generator<FeedEvent> {
  if (state.end === undefined || state.cursor < state.end.lines) return;
  state.done = true;
  yield { kind: 'end', ...state.end };
}

function* newLines(lines: readonly LogLineView[], state: State): Generator<FeedEvent> {
  for (const line of lines) {
    if (line.n <= state.cursor) continue;
    state.cursor = line.n;
    yield { kind: 'line', line };
  }
}

/** Everything that is stored behind the cursor, read page by page. */
async function overRead(
  transport: TransportOptions,
  deploymentId: string,
  state: State,
  options: DeploymentFeedOptions,
): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (;;) {
    const page: LogPage = unwrap(
      await call(transport, {
        method: 'GET',
        path: `/deployments/${deploymentId}/logs`,
        query: { after: state.cursor, limit: 1000 },
        answer: pageOfLog,
        signal: options.signal,
      }),
    );
    events.push(...newLines(page.items, state));
    if (page.end !== undefined && state.cursor >= page.end.lines) {
      state.done = true;
      events.push({ kind: 'end', lines: page.end.lines, hash: page.end.hash });
    }
    if (state.done || page.items.length === 0) return events;
  }
}
