import type { Schedule } from '../domain/schedules.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_EXIST, MUST_NOT_EXIST, revisionIs } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, queryPage, type Write } from './engine.ts';
import { allSchedules, byMoment, byTime, dueSchedules, scheduleKey, schedulesOf } from './keys.ts';
import { INDEX, SUMMARY } from './tables.ts';

/** Only scheduleItem writes these items, from a Schedule. */
const scheduleFrom = (item: Item): Schedule => item[SUMMARY] as Schedule;

function scheduleItem(schedule: Schedule): Item {
  const sort = byTime(schedule.createdAt, schedule.id);
  return {
    ...scheduleKey(schedule.id),
    kind: 'schedule',
    v: 1,
    revision: schedule.revision,
    [INDEX.all.partition]: allSchedules,
    [INDEX.all.sort]: sort,
    [INDEX.byProject.partition]: schedulesOf(schedule.projectId),
    [INDEX.byProject.sort]: sort,
    [SUMMARY]: schedule,
    // Where the sweep looks for what nobody delivered.
    ...(schedule.nextAt === undefined
      ? {}
      : {
          [INDEX.work.partition]: dueSchedules,
          [INDEX.work.sort]: byMoment(Date.parse(schedule.nextAt), schedule.id),
        }),
  };
}

export const createSchedule = (schedule: Schedule): Write => ({
  put: scheduleItem(schedule),
  condition: MUST_NOT_EXIST,
});

/** The schedule as it is after a change, and the write for it; it fails where it was changed or deleted meanwhile. */
export function scheduleChange(
  ctx: StoreContext,
  schedule: Schedule,
  changes: Partial<Omit<Schedule, 'id' | 'revision'>>,
): { readonly next: Schedule; readonly write: Write } {
  const next = {
    ...schedule,
    ...changes,
    updatedAt: isoTime(ctx.clock.now()),
    revision: schedule.revision + 1,
  };
  return { next, write: { put: scheduleItem(next), condition: revisionIs(schedule.revision) } };
}

export const deleteSchedule = (id: string): Write => ({ deleteKey: scheduleKey(id), condition: MUST_EXIST });

export async function getSchedule(ctx: StoreContext, id: string): Promise<Schedule | undefined> {
  const item = await getItem(ctx, scheduleKey(id));
  return item === undefined ? undefined : scheduleFrom(item);
}

export interface SchedulePage {
  readonly items: readonly Schedule[];
  readonly next?: Item | undefined;
}

/** By creation, of one project or of all: one query. */
export async function listSchedules(
  ctx: StoreContext,
  projectId: string | undefined,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined },
): Promise<SchedulePage> {
  const index = projectId === undefined ? INDEX.all : INDEX.byProject;
  const partition = projectId === undefined ? allSchedules : schedulesOf(projectId);
  const page = await queryPage(ctx, {
    index: index.name,
    where: { expression: '#pk = :pk', names: { '#pk': index.partition }, values: { ':pk': partition } },
    ...options,
  });
  return { items: page.items.map(scheduleFrom), next: page.next };
}
