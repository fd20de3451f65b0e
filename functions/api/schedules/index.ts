import { listOf } from '../../../shared/contracts/list.ts';
import { schedulesQuery, scheduleView } from '../../../shared/contracts/schedules.ts';
import { may } from '../../../shared/domain/access.ts';
import { listSchedules } from '../../../shared/store/schedules.ts';
import { requireRole } from '../../http/auth.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { type ListRequest, pageReply, positionOf } from '../paging.ts';
import { patchSchedule } from './change.ts';
import { postSchedule } from './create.ts';
import { deleteScheduleRoute } from './delete.ts';
import { findSchedule, scheduleParams } from './find.ts';
import { viewOfSchedule } from './view.ts';

const getSchedules = route({
  method: 'GET',
  path: '/v1/schedules',
  summary: 'Schedules, newest first, each with its next moment and what came of its last.',
  auth: 'signed-in',
  query: schedulesQuery,
  answer: { status: 200, schema: listOf(scheduleView) },
  problems: ['PROJECT_NOT_FOUND'],
  handle: async ({ query, actor, deps }) => {
    const { projectId } = query;
    if (projectId !== undefined) requireRole(actor, 'viewer', { projectId });
    const request: ListRequest = {
      store: deps.store,
      actor,
      list: 'schedules',
      query,
      filters: { projectId },
    };
    const { items, next } = await listSchedules(deps.store, projectId, positionOf(request));
    const seen = items.filter((one) =>
      may(actor, 'viewer', { projectId: one.projectId, environment: one.environment }),
    );
    return pageReply(request, seen.map(viewOfSchedule), next);
  },
});

const getScheduleRoute = route({
  method: 'GET',
  path: '/v1/schedules/{scheduleId}',
  summary: 'One schedule.',
  auth: 'signed-in',
  params: scheduleParams,
  answer: { status: 200, schema: scheduleView },
  problems: ['SCHEDULE_NOT_FOUND'],
  handle: async ({ params, actor, deps }) => {
    const schedule = await findSchedule(deps.store, actor, params.scheduleId);
    return ok(viewOfSchedule(schedule), { revision: schedule.revision });
  },
});

export const scheduleRoutes = [
  postSchedule,
  getSchedules,
  getScheduleRoute,
  patchSchedule,
  deleteScheduleRoute,
];
