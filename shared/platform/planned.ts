import type { DueCall } from '../contracts/schedules.ts';
import type { Schedule } from '../domain/schedules.ts';
import type { Scheduler } from './scheduler.ts';

/** Has `due` called at the next moment of a schedule, and before it where that is to be announced. */
export async function planNext(scheduler: Scheduler, schedule: Schedule, now: number): Promise<void> {
  for (const { name, at, call } of callsOf(schedule)) {
    if (at > now) await scheduler.plan(name, at, call);
  }
}

/** What was planned for the present generation is not delivered any more, as far as it still can be stopped. */
export async function forgetNext(scheduler: Scheduler, schedule: Schedule): Promise<void> {
  for (const { name } of callsOf(schedule)) await scheduler.forget(name);
}

function callsOf({ id: scheduleId, generation, nextAt: occurrence, notifyBefore }: Schedule) {
  if (occurrence === undefined) return [];
  const at = Date.parse(occurrence);
  const named = (kind: DueCall['kind'], moment: number) => ({
    name: `${scheduleId}-${generation}-${kind}-${Math.floor(at / 1000)}`,
    at: moment,
    call: { kind, scheduleId, generation, occurrence } satisfies DueCall,
  });
  const calls = [named('start', at)];
  if (notifyBefore !== undefined) calls.push(named('notify', at - notifyBefore * 1000));
  return calls;
}
