/** How long the service may stay out of reach before it is given up, where the caller does not say (ms). */
export const GIVE_UP_MS = 300_000;

/** How long an answer may take that the service was asked to hold back for so many seconds (ms). */
export const answerWithinMs = (waitSeconds: number): number => waitSeconds * 1000 + 15_000;

/** How often things are looked at and how long they may take, in ms. One value, so that a test can use small ones. */
export interface Pace {
  /** Opening a socket. */
  readonly openMs: number;
  /**
   * A socket that was silent for `quietMs` is pinged, since the last push before the silence may be the one that was
   * lost, and then every `pingMs`: each ping is two messages, an invocation and a read or two that the team pays for.
   * Bursts of a usual build are closer together than `quietMs`, and then the next frame shows the gap for nothing.
   */
  readonly quietMs: number;
  readonly pingMs: number;
  /** A pong that takes longer never comes: the machine slept, or its network is another one now. */
  readonly pongMs: number;
  /** How often an open socket is looked at. */
  readonly tickMs: number;
  /**
   * A frame that came before an earlier one waits for it for half of this to all of it; then what is missing is read, by
   * a request and not by a replay, since posts to sockets are what a crowd has too few of. With many viewers a frame is
   * on its way for some seconds.
   */
  readonly gapMs: number;
  /** From asking for one slice of events to asking for the next, at the least. */
  readonly sliceMs: number;
  /** A way of hearing that breaks earlier than this did not work. */
  readonly briefMs: number;
  /** From the first failure to the last, the pause before the next try doubles from one to the other. */
  readonly firstPauseMs: number;
  readonly mostPauseMs: number;
  /** The same for tries to get a socket while something else works. */
  readonly firstClimbMs: number;
  readonly mostClimbMs: number;
  /** Longest wait that the service is asked for, in seconds; with statuses to look after in between, the short one. */
  readonly waitSeconds: number;
  readonly shortWaitSeconds: number;
}

export const PACE: Pace = {
  openMs: 10_000,
  quietMs: 10_000,
  pingMs: 30_000,
  pongMs: 10_000,
  tickMs: 1000,
  gapMs: 3000,
  sliceMs: 1000,
  briefMs: 5000,
  firstPauseMs: 250,
  mostPauseMs: 8000,
  firstClimbMs: 5000,
  mostClimbMs: 300_000,
  waitSeconds: 20,
  shortWaitSeconds: 5,
};

/** The pause after one of `ms` in which nothing came: less and less often. */
export const nextPause = (ms: number, { firstPauseMs, mostPauseMs }: Pace): number =>
  Math.min(mostPauseMs, Math.max(firstPauseMs, ms * 2));
