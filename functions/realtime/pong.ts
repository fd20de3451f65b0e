import type { TopicHead } from '../../shared/contracts/realtime.ts';
import { deploymentOf, frameText } from '../../shared/platform/frames.ts';
import { postFrames } from '../../shared/platform/posting.ts';
import type { Connection } from '../../shared/store/connections.ts';
import { readHead } from '../../shared/store/log-head.ts';
import type { RealtimeDeps } from './deps.ts';

/**
 * Answers a ping with where each topic of the socket stands, so that a client notices that the last push of all was
 * lost, which no later frame would show it.
 */
export async function pong(deps: RealtimeDeps, { id, topics, behind }: Connection): Promise<void> {
  const headOf = async (topic: string): Promise<TopicHead> => {
    const deploymentId = deploymentOf(topic);
    const stands = deploymentId === undefined ? NO_LOG : await readHead(deps.store, deploymentId);
    return { topic, head: stands.lines, ended: stands.ended };
  };
  const heard = topics.filter((topic) => !behind.includes(topic));
  const heads = await Promise.all(heard.map(headOf));
  await postFrames(deps, undefined, id, [frameText('pong', '', { heads }, deps.store.clock.now())]);
}

const NO_LOG = { lines: 0, ended: false } as const;
