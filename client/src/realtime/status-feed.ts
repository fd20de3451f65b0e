import type { StatusUpdate } from '../shapes/frames.ts';
import type { TransportOptions } from '../transport.ts';
import { type ListenOptions, listen } from './listen.ts';
import { PACE, type Pace } from './pace.ts';
import { StatusWatch, type Watched } from './status-watch.ts';

/** The status of one deployment as it changes, up to the one that it ends with. */
export function deploymentStatuses(
  transport: TransportOptions,
  id: string,
  options: ListenOptions = {},
  pace: Pace = PACE,
): AsyncGenerator<StatusUpdate> {
  const watch = new StatusWatch(transport, options, pace);
  const one: Watched = {
    // Whoever watches a deployment gets its lines besides: of those the fewest.
    subscription: { action: 'subscribe', topic: `deployment:${id}`, level: 'error' },
    look: () => watch.lookAt(id),
    isOver: () => watch.statuses.hasEnded(id),
  };
  return listen<StatusUpdate>(
    [
      () => watch.overSocket(one),
      (until) => watch.overReads(one, until, () => watch.change(id)),
      (until) => watch.overReads(one, until),
    ],
    options,
    pace,
  );
}

/** The status of every deployment of a project as it changes; it never ends by itself. */
export function projectStatuses(
  transport: TransportOptions,
  id: string,
  options: ListenOptions = {},
  pace: Pace = PACE,
): AsyncGenerator<StatusUpdate> {
  const watch = new StatusWatch(transport, options, pace);
  const all: Watched = {
    subscription: { action: 'subscribe', topic: `project:${id}` },
    look: () => watch.lookOver(id),
    isOver: () => false,
  };
  return listen<StatusUpdate>(
    [() => watch.overSocket(all), (until) => watch.overReads(all, until)],
    options,
    pace,
  );
}
