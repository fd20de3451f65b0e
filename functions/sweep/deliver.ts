import type { DueCall } from '../../shared/contracts/schedules.ts';
import { getSchedule } from '../../shared/store/schedules.ts';
import type { SweepDeps } from './deps.ts';

/** A moment that EventBridge Scheduler has not delivered, or that was never planned there. */
export async function deliver(deps: SweepDeps, id: string): Promise<void> {
  const schedule = await getSchedule(deps.sockets.store, id);
  if (schedule?.nextAt === undefined) return;
  const { id: scheduleId, generation, nextAt: occurrence } = schedule;
  const call: DueCall = { kind: 'start', scheduleId, generation, occurrence };
  await deps.functions.send(deps.dueFunction, call);
}
