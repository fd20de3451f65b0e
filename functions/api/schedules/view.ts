import type { ScheduleView } from '../../../shared/contracts/schedules.ts';
import type { Schedule } from '../../../shared/domain/schedules.ts';

/** A schedule as the API shows it: by whom, not with which token. */
export function viewOfSchedule({ generation: _generation, createdBy, ...schedule }: Schedule): ScheduleView {
  return { ...schedule, createdBy: createdBy.subject };
}
