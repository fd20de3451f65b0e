import { mergePatchBody } from '../../../shared/contracts/json.ts';
import { scheduleChange as changeSchema, scheduleView } from '../../../shared/contracts/schedules.ts';
import type { OpenDeployment } from '../../../shared/domain/records.ts';
import type { Schedule } from '../../../shared/domain/schedules.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { forgetNext, planNext } from '../../../shared/platform/planned.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { wakeGate } from '../../../shared/store/deployments.ts';
import { transact } from '../../../shared/store/engine.ts';
import { scheduleChange } from '../../../shared/store/schedules.ts';
import { requireRole } from '../../http/auth.ts';
import { checkIfMatch } from '../../http/entity-tag.ts';
import { parsed } from '../../http/issues.ts';
import { ok } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { patched, untilWritten } from '../patching.ts';
import { findSchedule, scheduleParams } from './find.ts';
import { firstMoment } from './moments.ts';
import { viewOfSchedule } from './view.ts';

export const patchSchedule = route({
  method: 'PATCH',
  path: '/v1/schedules/{scheduleId}',
  summary:
    'Change when a schedule comes, by a JSON merge patch (RFC 7396); If-Match refuses where it changed since it was read. What was on its way counts no more.',
  auth: 'signed-in',
  params: scheduleParams,
  body: mergePatchBody,
  answer: { status: 200, schema: scheduleView },
  problems: ['SCHEDULE_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: ({ params, body, actor, headers, deps, log }) =>
    untilWritten('the schedule', async () => {
      const { store } = deps;
      const schedule = await findSchedule(store, actor, params.scheduleId);
      const { projectId, environment } = schedule;
      requireRole(actor, 'deployer', { projectId, environment });
      checkIfMatch(headers, schedule.revision);
      if (schedule.cron === undefined && schedule.nextAt === undefined) throw over(schedule);
      const wanted = parsed(changeSchema, patched(whenOf(schedule), body));
      if ((wanted.cron === undefined) !== (schedule.cron === undefined)) throw otherKind(schedule);
      const nextAt = isoTime(firstMoment(wanted, store.clock.now()));
      const changes = { ...wanted, cron: wanted.cron, at: wanted.at, notifyBefore: wanted.notifyBefore };
      const { next, write } = scheduleChange(store, schedule, {
        ...changes,
        nextAt,
        generation: schedule.generation + 1,
      });
      if (schedule.deploymentId !== undefined) await moveMoment(store, next, schedule.deploymentId);
      await transact(store, [write]);
      await replan(deps, schedule, next).catch((error: unknown) => {
        log.warn('The moment was not planned; the sweep will see to it.', { error, scheduleId: next.id });
      });
      return ok(viewOfSchedule(next), { revision: next.revision });
    }),
});

/** The part that people edit; what a PATCH is merged into. */
function whenOf({ at, cron, timezone, autoCancel, notifyBefore, window }: Schedule) {
  return { at, cron, timezone, autoCancel, notifyBefore, window };
}

/** What waits for the moment waits for another one; where it waits no more, there is nothing left to change. */
async function moveMoment(store: StoreContext, next: Schedule, deploymentId: string): Promise<void> {
  const { id: scheduleId, nextAt: at = '', window: windowSeconds, autoCancel } = next;
  const schedule: OpenDeployment['schedule'] = { scheduleId, at, windowSeconds, autoCancel };
  const moved = await wakeGate(store, deploymentId, (current) =>
    current.status === 'scheduled' && current.cancelRequested === undefined ? { schedule } : undefined,
  );
  if (moved.schedule?.at !== at) throw over(next);
}

async function replan(deps: ApiDeps, before: Schedule, next: Schedule): Promise<void> {
  const scheduler = await deps.scheduler();
  await planNext(scheduler, next, deps.store.clock.now());
  await forgetNext(scheduler, before);
}

const over = ({ id }: Schedule) =>
  new Conflict('INVALID_STATE', `The moment of schedule ${id} has passed.`, {
    suggestion: 'Make another schedule.',
  });

const otherKind = ({ id }: Schedule) =>
  new Conflict('INVALID_STATE', `Schedule ${id} comes either once or again and again, as it was made.`, {
    suggestion: 'Delete it and make another.',
  });
