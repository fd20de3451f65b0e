import type { LogLineView } from '../../../shared/contracts/logs.ts';
import type { StatusUpdate } from '../shapes/frames.ts';
import type { TransportOptions } from '../transport.ts';
import { Hearing, type LineFilter } from './hearing.ts';
import { type ListenOptions, listen } from './listen.ts';
import { overPages } from './over-pages.ts';
import { overSlices } from './over-slices.ts';
import { overSocket } from './over-socket.ts';
import { PACE, type Pace } from './pace.ts';

export type { StatusUpdate } from '../shapes/frames.ts';
export type { LineFilter } from './hearing.ts';

/** What happens to one deployment, in order. Line numbers have no gap and no repeat. */
export type FeedEvent =
  | { readonly kind: 'line'; readonly line: LogLineView }
  | { readonly kind: 'status'; readonly status: StatusUpdate }
  /**
   * The log is complete; the last status before this is the last one of the deployment. `provable`: every line from
   * the first on was given, so that they can be held against the hash; false behind a filter or an `after`.
   */
  | { readonly kind: 'end'; readonly lines: number; readonly hash: string; readonly provable: boolean };

export interface DeploymentFeedOptions extends ListenOptions, LineFilter {
  /** Go on after this line number; 0 gives everything from line 1. */
  readonly after?: number | undefined;
  /** Leave out what is not asked for: a feed of lines need not look after statuses. */
  readonly statuses?: boolean | undefined;
}

/**
 * Replay from the cursor, then live, over the first that works: a socket, slices of Server-Sent Events, reads that the
 * service holds back until there is something, plain reads. Survives lost sockets and pushes, a machine that slept,
 * and restarts of the service, without gap or repeat.
 *
 * @throws SlipwayFailure where the service refuses, or was out of reach for too long
 */
export function deploymentFeed(
  transport: TransportOptions,
  deploymentId: string,
  options: DeploymentFeedOptions = {},
  pace: Pace = PACE,
): AsyncGenerator<FeedEvent> {
  const hearing = new Hearing(transport, deploymentId, options);
  return listen<FeedEvent>(
    [
      () => overSocket(hearing, pace),
      (until) => overSlices(hearing, until, pace),
      (until) => overPages(hearing, until, pace, true),
      (until) => overPages(hearing, until, pace, false),
    ],
    options,
    pace,
  );
}
