import type { FanOutMessage } from '../../shared/contracts/fan-out.ts';
import type { LogLine } from '../../shared/domain/log.ts';
import { deploymentTopic, statusFrame } from '../../shared/platform/frames.ts';
import { framesByFilter } from '../../shared/platform/line-frames.ts';
import { maySee } from '../../shared/platform/sockets.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { getDeployment } from '../../shared/store/deployment-changes.ts';
import { readLines } from '../../shared/store/log-read.ts';
import type { Viewer } from '../../shared/store/subscriptions.ts';

/** What a message shows, and to whom of the topic. */
export interface Shown {
  readonly topic: string;
  /** None for who may not see it. */
  framesFor(viewer: Viewer): readonly string[];
}

/** As things stand now: what was purged while the message waited is not shown. */
export async function shownBy(store: StoreContext, message: FanOutMessage): Promise<Shown> {
  switch (message.kind) {
    case 'frame':
      return { topic: message.topic, framesFor: () => [message.frame] };
    case 'status':
      return statusShown(store, message.topic, message.deploymentId);
    case 'lines':
      return linesShown(store, message);
  }
}

async function statusShown(store: StoreContext, topic: string, deploymentId: string): Promise<Shown> {
  const deployment = await getDeployment(store, deploymentId);
  if (deployment === undefined) return { topic, framesFor: () => [] };
  const frame = statusFrame(topic, deployment, store.clock.now());
  return { topic, framesFor: (viewer) => (maySee(viewer, deployment.environment) ? [frame] : []) };
}

export type LinesMessage = Extract<FanOutMessage, { kind: 'lines' }>;

async function linesShown(store: StoreContext, message: LinesMessage): Promise<Shown> {
  const { deploymentId, first } = message;
  const topic = deploymentTopic(deploymentId);
  const lines = await linesBetween(store, message);
  const through = lines.at(-1)?.n;
  if (through === undefined) return { topic, framesFor: () => [] };
  const framesFor = framesByFilter(deploymentId, lines, { first, last: through }, store.clock.now());
  return { topic, framesFor: ({ filter }) => framesFor(filter) };
}

/** Lines of a log from `first` to `last`, those of other producers between them too: a frame speaks for all. */
async function linesBetween(
  store: StoreContext,
  { deploymentId, first, last }: LinesMessage,
): Promise<LogLine[]> {
  const purged = (await getDeployment(store, deploymentId))?.purges;
  const lines: LogLine[] = [];
  for (let after = first - 1; after < last; ) {
    const query = { place: { after }, limit: last - after };
    const read = await readLines(store, deploymentId, query, { purged });
    if (read.through <= after) break;
    lines.push(...read.lines);
    after = read.through;
  }
  return lines;
}
