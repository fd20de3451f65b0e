import type { FanOutMessage } from '../../shared/contracts/fan-out.ts';
import type { LogLine } from '../../shared/domain/log.ts';
import { deploymentTopic } from '../../shared/platform/frames.ts';
import { framesByFilter } from '../../shared/platform/line-frames.ts';
import { maySee } from '../../shared/platform/sockets.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { readLines } from '../../shared/store/log-read.ts';
import type { Viewer } from '../../shared/store/subscriptions.ts';

/** What a message shows, and to whom of the topic. */
export interface Shown {
  readonly topic: string;
  /** None for who may not see it. */
  framesFor(viewer: Viewer): readonly string[];
}

export async function shownBy(store: StoreContext, message: FanOutMessage): Promise<Shown> {
  if (message.kind === 'frame') {
    const { topic, frame, environment } = message;
    return { topic, framesFor: (viewer) => (maySee(viewer, environment) ? [frame] : []) };
  }
  const { deploymentId, first, last } = message;
  const lines = await linesBetween(store, deploymentId, first, last);
  const topic = deploymentTopic(deploymentId);
  const through = lines.at(-1)?.n;
  if (through === undefined) return { topic, framesFor: () => [] };
  const framesFor = framesByFilter(deploymentId, lines, { first, last: through }, store.clock.now());
  return { topic, framesFor: ({ filter }) => framesFor(filter) };
}

/** Lines of a log from `first` to `last`, those of other producers between them too: a frame speaks for all. */
async function linesBetween(
  store: StoreContext,
  deploymentId: string,
  first: number,
  last: number,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (let after = first - 1; after < last; ) {
    const read = await readLines(store, deploymentId, { place: { after }, limit: last - after });
    if (read.through <= after) break;
    lines.push(...read.lines);
    after = read.through;
  }
  return lines;
}
