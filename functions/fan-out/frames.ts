import type { FanOutMessage } from '../../shared/contracts/fan-out.ts';
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
  const place = { after: first - 1 } as const;
  const { lines } = await readLines(store, deploymentId, { place, limit: last - first + 1 });
  const framesFor = framesByFilter(deploymentId, lines, { first, last }, store.clock.now());
  return { topic: deploymentTopic(deploymentId), framesFor: ({ filter }) => framesFor(filter) };
}
