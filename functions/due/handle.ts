import { dueCall } from '../../shared/contracts/schedules.ts';
import type { Schedule } from '../../shared/domain/schedules.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { wakeGate } from '../../shared/store/deployments.ts';
import { transact } from '../../shared/store/engine.ts';
import { getSchedule, scheduleChange } from '../../shared/store/schedules.ts';
import type { DueDeps } from './deps.ts';
import { startOccurrence } from './occurrence.ts';

/**
 * A moment of a schedule has come, or is about to. Delivered at least once, and maybe after an edit: what does not
 * fit the schedule as it stands now is done already, or wanted no more.
 */
export async function due(deps: DueDeps, payload: unknown): Promise<void> {
  const call = dueCall.parse(payload);
  const schedule = await getSchedule(deps.store, call.scheduleId);
  const stands = schedule?.generation === call.generation && schedule.nextAt === call.occurrence;
  if (schedule === undefined || !stands) {
    deps.log.info('This moment of the schedule counts no more.', { ...call });
    return;
  }
  if (call.kind === 'notify') return announce(deps, schedule);
  if (deps.store.clock.now() < Date.parse(call.occurrence)) return;
  if (schedule.cron === undefined) return wakeOnce(deps, schedule);
  return startOccurrence(deps, schedule);
}

/** What waits for the moment finds out for itself what has become of its time. */
async function wakeOnce({ store }: DueDeps, schedule: Schedule): Promise<void> {
  const { deploymentId } = schedule;
  if (deploymentId === undefined) return;
  await wakeGate(store, deploymentId, ({ status }) => (isTerminal(status) ? undefined : {}));
  await transact(store, [scheduleChange(store, schedule, { nextAt: undefined }).write]);
}

async function announce({ bus, log }: DueDeps, schedule: Schedule): Promise<void> {
  const { id, projectId, environment, nextAt, deploymentId, generation } = schedule;
  const detail = {
    id: `${id}:${generation}:${nextAt}`,
    scheduleId: id,
    projectId,
    environment,
    at: nextAt,
    deploymentId,
  };
  await bus.publish([{ type: 'deployment.upcoming', detail }]);
  log.info('Announced what is planned.', { scheduleId: id, at: nextAt });
}
