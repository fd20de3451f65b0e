import type { Story } from '../lifecycle/cloud/story.ts';

/**
 * The rare paths that a simulation has to come by, or it proves less than it seems to. Each is something that can be
 * seen afterwards; a thousand seeds have to reach every one.
 */
export const PATHS = [
  'succeeded',
  'failed',
  'canceled',
  'timeout',
  'rolled-back',
  'cancel-stopped',
  'cancel-stopping',
  'cancel-already-finished',
  'start-refused',
  'waited-in-line',
  'superseded',
  'rollback-succeeded',
  'retried-by-a-person',
  'runner-lost',
  'live-check-failed',
  'build-failed',
  'settled-by-the-machine',
  'settled-after-the-execution-ended',
  'settled-by-a-deadline',
  'settled-by-the-cancel',
  'stage-tried-again',
  'execution-stopped',
  'execution-timed-out',
  'execution-lost',
  'drained-after-the-end',
  'landed-after-the-end',
  'freed-by-a-person',
  'baked',
  'promoted',
  'half-live-and-taken-back',
  'waited-for-its-moment',
  'waited-for-people',
  'held',
  'first-deployment-failed-live',
] as const;
export type Path = (typeof PATHS)[number];

/** Which of the paths a story went. */
export function pathsOf(story: Story, refused: number): Path[] {
  const found = new Set<Path>();
  for (const one of story.deployments()) {
    const { status, releaseState, settling, stages, type, trigger } = one;
    const error = 'error' in one ? one.error : undefined;
    if (status === 'succeeded' || status === 'failed' || status === 'canceled' || status === 'timeout')
      found.add(status);
    if (releaseState === 'rolled-back') found.add('rolled-back');
    if (error?.code === 'RUNNER_LOST') found.add('runner-lost');
    if (error?.code === 'LIVE_CHECK_FAILED') found.add('live-check-failed');
    if (error?.code === 'BUILD_FAILED') found.add('build-failed');
    if (error?.code === 'SUPERSEDED') found.add('superseded');
    if (type === 'rollback' && status === 'succeeded') found.add('rollback-succeeded');
    if (trigger.kind === 'retry') found.add('retried-by-a-person');
    if (settling?.by === 'machine') found.add('settled-by-the-machine');
    if (settling?.by === 'execution-ended') found.add('settled-after-the-execution-ended');
    if (settling?.by.endsWith('deadline') || settling?.by === 'runner-lost')
      found.add('settled-by-a-deadline');
    if (settling?.by.startsWith('cancel')) found.add('settled-by-the-cancel');
    if (stages.some(({ attempts, name }) => attempts > 1 && name !== 'settle'))
      found.add('stage-tried-again');
    if (status === 'timeout' && error?.stage === 'settle' && error.code === 'TIMEOUT') {
      found.add('drained-after-the-end');
      if (story.cloud.platform.history.some(({ by, at }) => by === one.id && at > Date.parse(one.finishedAt)))
        found.add('landed-after-the-end');
    }
    if (one.slotReleased !== undefined) found.add('freed-by-a-person');
    if ((one.rollout?.step ?? 0) > 0) found.add('baked');
    if (one.rollout?.promoted !== undefined) found.add('promoted');
    if (one.rollout !== undefined && one.rollout.weight < 100 && releaseState === 'rolled-back')
      found.add('half-live-and-taken-back');
    if (status !== 'succeeded' && (releaseState === 'active' || releaseState === 'inactive'))
      found.add('first-deployment-failed-live');
  }
  for (const { outcome } of story.cancels) {
    if (outcome === 'stopped') found.add('cancel-stopped');
    if (outcome === 'stopping') found.add('cancel-stopping');
    if (outcome === 'already-finished') found.add('cancel-already-finished');
  }
  if (refused > 0) found.add('start-refused');
  if (story.sawStatuses.has('scheduled')) found.add('waited-for-its-moment');
  if (story.sawStatuses.has('awaiting-approval')) found.add('waited-for-people');
  if (story.sawStatuses.has('held')) found.add('held');
  if (story.sawWaiter) found.add('waited-in-line');
  const { executions, lost } = story.cloud.machines;
  for (const { status } of executions.values()) {
    if (status === 'ABORTED') found.add('execution-stopped');
    if (status === 'TIMED_OUT') found.add('execution-timed-out');
  }
  if (lost > 0) found.add('execution-lost');
  return [...found];
}
