import { scheduleNotFound } from '../../../shared/errors/not-found.ts';
import { ConditionFailed } from '../../../shared/errors/store.ts';
import { forgetNext } from '../../../shared/platform/planned.ts';
import { requestCancel } from '../../../shared/store/deployments.ts';
import { transact } from '../../../shared/store/engine.ts';
import { deleteSchedule } from '../../../shared/store/schedules.ts';
import { requireRole } from '../../http/auth.ts';
import { noContent } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { findSchedule, scheduleParams } from './find.ts';

export const deleteScheduleRoute = route({
  method: 'DELETE',
  path: '/v1/schedules/{scheduleId}',
  summary: 'Take a schedule away, with what waits for its moment. What has begun goes on.',
  auth: 'signed-in',
  params: scheduleParams,
  answer: { status: 204 },
  problems: ['SCHEDULE_NOT_FOUND', 'PERMISSION_DENIED'],
  handle: async ({ params, actor, deps, log }) => {
    const { store } = deps;
    const schedule = await findSchedule(store, actor, params.scheduleId);
    const { id, projectId, environment, deploymentId } = schedule;
    requireRole(actor, 'deployer', { projectId, environment });
    // First what waits, so that no moment is left in which it could begin.
    if (deploymentId !== undefined) {
      await requestCancel(store, deploymentId, {
        by: actor.subject,
        reason: `its schedule ${id} was deleted`,
        onlyIf: ({ status }) => status === 'scheduled',
      });
    }
    try {
      await transact(store, [deleteSchedule(id)]);
    } catch (error) {
      if (error instanceof ConditionFailed) throw scheduleNotFound(id);
      throw error;
    }
    log.info('Schedule deleted', { scheduleId: id });
    try {
      await forgetNext(await deps.scheduler(), schedule);
    } catch (error) {
      log.warn('A delivery stays planned, and will find nothing.', { error, scheduleId: id });
    }
    return noContent;
  },
});
