import type { LineFilter } from '../../realtime/feed.ts';
import type { Slipway } from '../../slipway.ts';
import type { CommandContext } from '../context.ts';
import { liveView } from './live-view.ts';
import type { LiveView } from './view.ts';

/** How often a watcher asks for what no frame tells, besides at each change of stage: times count on in between. */
const LOOK_EVERY_MS = 60_000;

/** Lines behind this one, and of them those that pass. */
type WatchOptions = LineFilter & { readonly after?: number | undefined };

/** Shows a deployment live until its log ends; answers with the status that was seen last. */
export async function watch(
  { terminal, now, signal }: Pick<CommandContext, 'terminal' | 'now' | 'signal'>,
  slipway: Slipway,
  id: string,
  wanted: WatchOptions = {},
): Promise<string | undefined> {
  const view = liveView(terminal, now, wanted.search);
  // Only what moves in place shows it.
  const looks = terminal.interactive ? looking(slipway, id, view, signal) : undefined;
  let [stage, last]: (string | undefined)[] = [];
  try {
    for await (const event of slipway.deployments.events(id, { ...wanted, signal })) {
      if (event.kind === 'line') view.line(event.line);
      if (event.kind !== 'status') continue;
      view.status(event.status);
      last = event.status.status;
      if (event.status.stage !== stage) looks?.now();
      stage = event.status.stage;
    }
    return last;
  } finally {
    looks?.stop();
    view.end();
  }
}

/** Asks at once, every now and then, and when told to; an answer that does not come is missed by nobody. */
function looking(slipway: Slipway, id: string, view: LiveView, signal: AbortSignal) {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  let [isLooking, isWanted] = [false, false];
  const look = async () => {
    isWanted = true;
    if (isLooking) return;
    isLooking = true;
    while (isWanted && !until.aborted) {
      isWanted = false;
      const [record, status] = await Promise.all([
        slipway.deployments.get(id, { signal: until }),
        slipway.deployments.status(id, { signal: until }),
      ]);
      if (record.ok && status.ok && !until.aborted)
        view.look({ stages: record.value.stages, status: status.value });
    }
    isLooking = false;
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    now: () => void look(),
    stop: () => {
      clearInterval(timer);
      stop.abort();
    },
  };
}
