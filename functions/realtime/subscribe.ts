import type { ClientFrame } from '../../shared/contracts/realtime.ts';
import { flushMs } from '../../shared/domain/flush.ts';
import type { LineFilter } from '../../shared/domain/log-filter.ts';
import { RateLimited } from '../../shared/errors/requests.ts';
import { frameText, statusOf } from '../../shared/platform/frames.ts';
import { postFrames } from '../../shared/platform/posting.ts';
import type { Connection } from '../../shared/store/connections.ts';
import { MOST_TOPICS, subscribe } from '../../shared/store/subscriptions.ts';
import type { RealtimeDeps } from './deps.ts';
import { openStatuses } from './open-statuses.ts';
import { lastLine, replay } from './replay.ts';
import { findTopic } from './topics.ts';

type Subscribe = Extract<ClientFrame, { action: 'subscribe' }>;

/**
 * Subscribes a socket. The subscription is put before the log is read: a line is then either read here or pushed
 * from ingest (or both; clients drop repeats by number), never neither.
 */
export async function subscribeTo(
  deps: RealtimeDeps,
  connection: Connection,
  frame: Subscribe,
): Promise<void> {
  const { store } = deps;
  const topic = await findTopic(deps, connection.actor, frame.topic);
  const { level, step, source } = frame;
  const filter: LineFilter = { level, step, source };
  const environments = topic.kind === 'project' ? topic.environments : undefined;
  const { expiresAt: until } = connection.actor;
  const outcome = await subscribe(store, connection.id, frame.topic, { filter, environments, until });
  if (outcome === 'gone') return;
  if (outcome === 'full') {
    throw new RateLimited(`A socket can have ${MOST_TOPICS} subscriptions.`, 60, {
      suggestion: 'Unsubscribe from a topic first, or open another socket.',
    });
  }
  const head = topic.kind === 'deployment' ? await lastLine(deps, topic.deployment) : 0;
  const now = store.clock.now();
  // Whoever subscribes is a viewer: the producers go over to the quicker pace with their next post.
  const frames = [frameText('subscribed', frame.topic, { head, flushMs: flushMs(1) }, now)];
  if (topic.kind === 'deployment') {
    const { deployment } = topic;
    frames.push(frameText('status', frame.topic, statusOf(deployment), now, deployment.revision));
  }
  if (topic.kind === 'project') {
    frames.push(...(await openStatuses(deps, frame.topic, topic.projectId, environments)));
  }
  if (!(await postFrames(deps, frame.topic, connection.id, frames))) return;
  if (topic.kind === 'deployment') {
    await replay(deps, connection.id, topic.deployment, { after: frame.after ?? head, filter });
  }
}
