import type { FanOutMessage } from '../contracts/fan-out.ts';
import type { ServerFrame } from '../contracts/realtime.ts';
import { slicesFor } from '../domain/audience.ts';
import { freshMs } from '../domain/flush.ts';
import type { LogEnd, LogLine } from '../domain/log.ts';
import type { LineFilter } from '../domain/log-filter.ts';
import type { Deployment } from '../domain/records.ts';
import { audienceOf, type Viewer } from '../store/subscriptions.ts';
import type { FanOut } from './fan-out.ts';
import { deploymentTopic, frameText, projectTopic, RUNNER_TOPIC, statusFrame } from './frames.ts';
import { framesByFilter, stretchesOf } from './line-frames.ts';
import { type Sockets, showTo } from './posting.ts';

// How something reaches those who watch: this file says it to the viewers of a topic; frames.ts and line-frames.ts make
// the text. To few viewers posting.ts goes socket by socket (in order, within a time), by poster.ts, which is API Gateway;
// for many it is left to the workers of functions/fan-out by fan-out.ts, whose queue is queue.ts. A function makes both
// ways with publishing.ts.

/** What it takes to reach the viewers of a topic, however many they are. */
export interface Publisher extends Sockets {
  readonly fanOut: FanOut;
}

/**
 * Sends new lines to everybody who watches the deployment, each the lines that pass its filter. Where many watch, that
 * is left to workers. Frames that get lost are healed by the viewers' cursors. Returns the number of viewers, about.
 */
export async function publishLines(
  publisher: Publisher,
  deploymentId: string,
  lines: readonly LogLine[],
): Promise<number> {
  const topic = deploymentTopic(deploymentId);
  const { about, viewers } = await audienceOf(publisher.store, topic);
  const [first, last] = [lines[0], lines.at(-1)];
  if (about === 0 || first === undefined || last === undefined) return about;
  if (viewers === undefined) {
    const freshUntil = publisher.store.clock.now() + freshMs(about);
    const range = { first: first.n, last: last.n, freshUntil };
    await leaveToWorkers(publisher, about, { kind: 'lines', deploymentId, ...range });
  } else {
    const now = publisher.store.clock.now();
    const makers = stretchesOf(lines).map(({ range, lines }) =>
      framesByFilter(deploymentId, lines, range, now),
    );
    const framesFor = (filter: LineFilter) => makers.flatMap((make) => make(filter));
    await Promise.all(viewers.map((viewer) => showTo(publisher, topic, viewer, framesFor(viewer.filter))));
  }
  return about;
}

/** Tells the viewers of the deployment and of its project where it stands. */
export async function publishStatus(publisher: Publisher, deployment: Deployment): Promise<void> {
  const { id, projectId } = deployment;
  const now = publisher.store.clock.now();
  const send = (topic: string) =>
    publish(publisher, topic, {
      frame: statusFrame(topic, deployment, now),
      environment: deployment.environment,
      left: { kind: 'status', topic, deploymentId: id },
    });
  await Promise.all([send(deploymentTopic(id)), send(projectTopic(projectId))]);
}

/** Tells the viewers that the log is complete, and what proves it. */
export async function publishEnd(publisher: Publisher, deployment: Deployment, end: LogEnd): Promise<void> {
  const topic = deploymentTopic(deployment.id);
  const data = { ...end, status: deployment.status };
  const frame = frameText('end', topic, data, publisher.store.clock.now());
  await publish(publisher, topic, {
    frame,
    left: { kind: 'frame', topic, frame, deploymentId: deployment.id },
  });
}

/** Tells the agents that work may be waiting; `label` is the one that an agent has to carry for it. */
export async function publishJobOffered(publisher: Publisher, jobKey: string, label?: string): Promise<void> {
  await publishJob(publisher, { event: 'offered', jobKey, label });
}

/** Tells the agent that has the job that nobody wants it any more. */
export async function publishJobCancel(publisher: Publisher, jobKey: string, label?: string): Promise<void> {
  await publishJob(publisher, { event: 'cancel', jobKey, label });
}

async function publishJob(
  publisher: Publisher,
  data: Extract<ServerFrame, { type: 'job' }>['data'],
): Promise<void> {
  const frame = frameText('job', RUNNER_TOPIC, data, publisher.store.clock.now());
  await publish(publisher, RUNNER_TOPIC, { frame, left: { kind: 'frame', topic: RUNNER_TOPIC, frame } });
}

/** One frame, and what is left for workers in its place. */
interface Published {
  readonly frame: string;
  /** Where it is about one, some viewers of a project may not see it. */
  readonly environment?: string;
  readonly left: Shown;
}

async function publish(publisher: Publisher, topic: string, what: Published): Promise<void> {
  const { frame, environment, left } = what;
  const { about, viewers } = await audienceOf(publisher.store, topic);
  if (viewers === undefined) {
    await leaveToWorkers(publisher, about, left);
    return;
  }
  const those = viewers.filter((viewer) => maySee(viewer, environment));
  await Promise.all(those.map((viewer) => showTo(publisher, topic, viewer, [frame])));
}

export const maySee = ({ environments }: Viewer, environment: string | undefined): boolean =>
  environment === undefined || (environments?.includes(environment) ?? true);

type Shown<M = FanOutMessage> = M extends FanOutMessage ? Omit<M, 'slice' | 'failures'> : never;

/** A message for each worker, none of them for more viewers than it can post to in a few seconds. */
async function leaveToWorkers({ fanOut }: Publisher, about: number, shown: Shown): Promise<void> {
  await fanOut.send(slicesFor(about).map((slice) => ({ ...shown, slice, failures: 0 })));
}
