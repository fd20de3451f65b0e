import type { LineFilter } from '../../shared/domain/log-filter.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { PlatformUnavailable } from '../../shared/errors/requests.ts';
import { deploymentTopic, frameText, logFrames } from '../../shared/platform/frames.ts';
import { postFrames } from '../../shared/platform/posting.ts';
import { requireDeployment } from '../../shared/store/deployments.ts';
import { readLines } from '../../shared/store/log-read.ts';
import { loggedDeployment, logSource } from '../../shared/store/log-source.ts';
import type { RealtimeDeps } from './deps.ts';

/** Lines read at a time: a few frames. */
const PAGE_LINES = 1000;
/** A replay that takes longer is left to the client's next subscribe, which goes on from its cursor (ms). */
const REPLAY_MS = 20_000;

/** What of a log a subscription has not seen. */
interface Missing {
  readonly after: number;
  readonly filter: LineFilter;
}

/** Sends what the log has behind the cursor, page by page until nothing is left; the end too, where there is one. */
export async function replay(
  deps: RealtimeDeps,
  connectionId: string,
  deployment: Deployment,
  { after, filter }: Missing,
): Promise<void> {
  const { store } = deps;
  const { id: deploymentId } = deployment;
  let source = sourceOf(deps, deployment);
  const topic = deploymentTopic(deploymentId);
  const until = store.clock.now() + REPLAY_MS;
  const wanted = Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
  for (let cursor = after; ; ) {
    const query = { place: { after: cursor }, limit: PAGE_LINES, filter: wanted };
    const read = await readLines(store, deploymentId, query, source);
    const now = store.clock.now();
    if (read.through > cursor) {
      const range = { first: cursor + 1, last: read.through };
      const frames = logFrames(deploymentId, read.lines, range, now);
      if (!(await postFrames(deps, topic, connectionId, frames))) return;
    }
    if (read.end !== undefined && read.through >= read.end.lines) {
      const { status } = await requireDeployment(store, deploymentId);
      const end = frameText('end', topic, { ...read.end, status }, now);
      await postFrames(deps, topic, connectionId, [end]);
      return;
    }
    if (read.through <= cursor) return;
    cursor = read.through;
    // What was purged since the page before is not shown in the next.
    source = sourceOf(deps, await requireDeployment(store, deploymentId));
    if (store.clock.now() >= until) throw tooLong(cursor);
  }
}

/** Number of the last line that there is, whether the database still has it or the archive alone. */
export async function lastLine(deps: RealtimeDeps, deployment: Deployment): Promise<number> {
  const query = { place: { tail: true }, limit: 1 } as const;
  return (await readLines(deps.store, deployment.id, query, sourceOf(deps, deployment))).through;
}

const sourceOf = ({ store, archive }: RealtimeDeps, deployment: Deployment) =>
  logSource(store, () => Promise.resolve(archive), loggedDeployment(deployment));

const tooLong = (cursor: number) =>
  new PlatformUnavailable(`The replay came to line ${cursor}; subscribe again from there.`, {
    facts: { cursor },
  });
