import type { ServerFrame } from '../contracts/realtime.ts';
import type { LogEnd, LogLine } from '../domain/log.ts';
import { type LineFilter, matches } from '../domain/log-filter.ts';
import type { Deployment } from '../domain/records.ts';
import { removeConnection, type Viewer, viewersOf } from '../store/connections.ts';
import type { StoreContext } from '../store/context.ts';
import { deploymentTopic, frameText, logFrames, projectTopic, RUNNER_TOPIC } from './frames.ts';
import type { Poster } from './poster.ts';

/** What it takes to reach the viewers of a topic. */
export interface Sockets {
  readonly store: StoreContext;
  readonly poster: Poster;
}

/** Viewers that are posted to at the same time. */
const PARALLEL = 50;

/**
 * Sends new lines to everybody who watches the deployment, each the lines that pass its filter.
 * Lost frames are healed by the viewers' cursors, so this never throws for them. Returns the number of viewers.
 */
export async function publishLines(
  sockets: Sockets,
  deploymentId: string,
  lines: readonly LogLine[],
): Promise<number> {
  const viewers = await viewersOf(sockets.store, deploymentTopic(deploymentId));
  const [first, last] = [lines[0], lines.at(-1)];
  if (viewers.length === 0 || first === undefined || last === undefined) return viewers.length;
  const range = { first: first.n, last: last.n };
  const now = sockets.store.clock.now();
  const made = new Map<string, string[]>();
  const framesFor = (filter: LineFilter): string[] => {
    const key = JSON.stringify(filter);
    const found = made.get(key);
    if (found !== undefined) return found;
    const wanted = lines.filter((line) => matches(filter, line));
    const frames = logFrames(deploymentId, wanted, range, now);
    made.set(key, frames);
    return frames;
  };
  await postAll(sockets, deploymentTopic(deploymentId), viewers, (viewer) => framesFor(viewer.filter));
  return viewers.length;
}

/** Tells the viewers of the deployment and of its project where it stands. */
export async function publishStatus(sockets: Sockets, deployment: Deployment): Promise<void> {
  const data = statusOf(deployment);
  const now = sockets.store.clock.now();
  const maySee = ({ environments }: Viewer) => environments?.includes(deployment.environment) ?? true;
  const send = (topic: string) =>
    publish(sockets, topic, frameText('status', topic, data, now, deployment.revision), maySee);
  await Promise.all([send(deploymentTopic(deployment.id)), send(projectTopic(deployment.projectId))]);
}

/** Tells the viewers that the log is complete, and what proves it. */
export async function publishEnd(sockets: Sockets, deployment: Deployment, end: LogEnd): Promise<void> {
  const topic = deploymentTopic(deployment.id);
  const data = { ...end, status: deployment.status };
  await publish(sockets, topic, frameText('end', topic, data, sockets.store.clock.now()));
}

/** Tells the agents that work may be waiting; `label` is the one that an agent has to carry for it. */
export async function publishJobOffered(sockets: Sockets, jobKey: string, label?: string): Promise<void> {
  await publishJob(sockets, { event: 'offered', jobKey, label });
}

/** Tells the agent that has the job that nobody wants it any more. */
export async function publishJobCancel(sockets: Sockets, jobKey: string, label?: string): Promise<void> {
  await publishJob(sockets, { event: 'cancel', jobKey, label });
}

async function publishJob(
  sockets: Sockets,
  data: Extract<ServerFrame, { type: 'job' }>['data'],
): Promise<void> {
  await publish(sockets, RUNNER_TOPIC, frameText('job', RUNNER_TOPIC, data, sockets.store.clock.now()));
}

export function statusOf(deployment: Deployment): Extract<ServerFrame, { type: 'status' }>['data'] {
  const error = 'error' in deployment ? deployment.error : deployment.failure;
  return {
    deploymentId: deployment.id,
    status: deployment.status,
    releaseState: deployment.releaseState,
    stage: deployment.stage,
    progress: deployment.progress,
    message: deployment.note,
    url: deployment.url,
    errorCode: error?.code,
    errorMessage: error?.message,
    revision: deployment.revision,
  };
}

async function publish(
  sockets: Sockets,
  topic: string,
  frame: string,
  maySee: (viewer: Viewer) => boolean = () => true,
): Promise<void> {
  const viewers = await viewersOf(sockets.store, topic);
  await postAll(sockets, topic, viewers.filter(maySee), () => [frame]);
}

/** Posts to every viewer, its frames in order, a few viewers at a time. Sockets found gone are forgotten. */
async function postAll(
  sockets: Sockets,
  topic: string,
  viewers: readonly Viewer[],
  frames: (viewer: Viewer) => readonly string[],
): Promise<void> {
  const queue = viewers.values();
  const work = async () => {
    for (const viewer of queue) await postFrames(sockets, topic, viewer.connectionId, frames(viewer));
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, viewers.length) }, work));
}

/** Posts frames to one socket, in order; stops at the first that does not arrive. True where all did. */
export async function postFrames(
  sockets: Sockets,
  topic: string | undefined,
  connectionId: string,
  frames: readonly string[],
): Promise<boolean> {
  for (const frame of frames) {
    const posted = await sockets.poster.post(connectionId, frame);
    sockets.store.meter?.add({ posts: 1 });
    if (posted === 'gone') await removeConnection(sockets.store, connectionId, topic);
    if (posted !== 'sent') return false;
  }
  return true;
}
