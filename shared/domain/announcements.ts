import { endOf } from './deployment-row.ts';
import type { Deployment } from './records.ts';
import { isTerminal, WAITING_STATUSES } from './status.ts';

/** An event for the bus. `id` is the same for each repeat of it, so that listeners can drop what they know. */
export interface Announcement {
  readonly type: 'deployment.created' | 'deployment.completed' | 'deployment.rolled-back';
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * What has to be announced of a deployment as it now stands, beyond what was announced of it before.
 * `before` is undefined where it is new, or where nobody knows: then everything is announced (again).
 */
export function announcementsFor(before: Deployment | undefined, now: Deployment): Announcement[] {
  const made: Announcement[] = [];
  if (before === undefined) made.push(announcement('deployment.created', now));
  if (isTerminal(now.status) && !(before !== undefined && isTerminal(before.status))) {
    made.push(announcement('deployment.completed', now));
  }
  if (now.releaseState === 'rolled-back' && before?.releaseState !== 'rolled-back') {
    made.push(announcement('deployment.rolled-back', now));
  }
  return made;
}

/** Ids, states and times: never configuration, variables or text that somebody typed in, but for the error's. */
function announcement(type: Announcement['type'], deployment: Deployment): Announcement {
  const { id, projectId, environment, versionId, versionNumber, status, releaseState } = deployment;
  return {
    type,
    detail: {
      id: `${id}:${type}`,
      deploymentId: id,
      projectId,
      environment,
      versionId,
      versionNumber,
      status,
      releaseState,
      by: deployment.trigger.actor,
      createdAt: deployment.createdAt,
      ...endOf(deployment),
      revision: deployment.revision,
    },
  };
}

/**
 * Has the change to reach the world even where the relay fails for good? What ends, what is live, and what is waited for.
 * All else is progress: whoever misses it sees the next.
 */
export function mustBeAnnounced(before: Deployment, now: Deployment): boolean {
  if (before.releaseState !== now.releaseState) return true;
  if (before.status === now.status) return false;
  return isTerminal(now.status) || [before, now].some(({ status }) => WAITING_STATUSES.includes(status));
}

/** Is there something in the change that viewers would see? */
export function visiblyChanged(before: Deployment | undefined, now: Deployment): boolean {
  if (before === undefined) return true;
  return (
    before.status !== now.status ||
    before.releaseState !== now.releaseState ||
    before.stage !== now.stage ||
    before.progress !== now.progress ||
    before.note !== now.note ||
    before.url !== now.url ||
    before.failure?.message !== now.failure?.message
  );
}
