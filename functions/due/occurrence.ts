import { deploymentRequest } from '../../shared/contracts/deployment-requests.ts';
import type { OpenDeployment } from '../../shared/domain/records.ts';
import { momentAfter, type Schedule, type ScheduleOutcome } from '../../shared/domain/schedules.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { NotFound } from '../../shared/errors/requests.ts';
import { ConditionFailed } from '../../shared/errors/store.ts';
import { isoTime } from '../../shared/platform/clock.ts';
import { planNext } from '../../shared/platform/planned.ts';
import { transact, type Write } from '../../shared/store/engine.ts';
import { getSchedule, scheduleChange } from '../../shared/store/schedules.ts';
import { startDeployment } from '../../shared/store/start-deployment.ts';
import type { DueDeps } from './deps.ts';

/**
 * One moment of a schedule that comes again: a deployment, or why there is none. The same transaction moves the
 * schedule on, so that a moment that is delivered twice is one deployment. Whatever happens, the next one is planned, unless
 * what it deploys, or where, is gone.
 */
export async function startOccurrence(deps: DueDeps, schedule: Schedule): Promise<void> {
  const { store, log } = deps;
  try {
    if (isMissed(schedule, store.clock.now())) {
      await moveOn(deps, schedule, {
        outcome: 'missed',
        message: `It came more than ${schedule.window} s late.`,
      });
    } else {
      await start(deps, schedule);
    }
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    log.info('Another delivery was first, or the schedule was changed.', { scheduleId: schedule.id });
  }
  const now = await getSchedule(store, schedule.id);
  if (now !== undefined) await planNext(deps.scheduler, now, store.clock.now());
}

const isMissed = ({ nextAt = '', window }: Schedule, now: number) => now > Date.parse(nextAt) + window * 1000;

async function start(deps: DueDeps, schedule: Schedule): Promise<void> {
  let made: OpenDeployment;
  try {
    const started = await startDeployment(deps, {
      // As whoever made the schedule: they were allowed to then, and what they may now is looked at with each edit.
      actor: { ...schedule.createdBy, kind: 'api', grants: [], groups: [] },
      body: deploymentRequest.parse(schedule.request),
      mayDeploy: () => {},
      planned: {},
      alsoWrite: ({ deployment: { id: deploymentId } }) => [
        moved(deps, schedule, { outcome: 'started', deploymentId }),
      ],
    });
    made = started.deployment;
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.fault !== 'caller') throw error;
    const refused = { outcome: 'refused', message: error.message } as const;
    // Where there is nothing left to deploy to, it will not be there the next time either.
    await moveOn(deps, schedule, refused, error instanceof NotFound);
    return;
  }
  await deps.machine.start(made.id, made.type).catch((error: unknown) => {
    deps.log.warn('The execution was not started; the relay will.', { error, deploymentId: made.id });
  });
}

type Happened = Omit<ScheduleOutcome, 'occurrence'>;

/** Nobody is there to be told, so the schedule says it, and an event. */
async function moveOn(deps: DueDeps, schedule: Schedule, happened: Happened, isOver = false): Promise<void> {
  await transact(deps.store, [moved(deps, schedule, happened, isOver)]);
  const { id, projectId, environment, nextAt: at } = schedule;
  const detail = { id: `${id}:${at}`, scheduleId: id, projectId, environment, at, message: happened.message };
  await deps.bus.publish([{ type: `schedule.${happened.outcome}`, detail }]);
}

/** Fails where the schedule is not as it was read: another delivery, an edit, a deletion. */
function moved({ store }: DueDeps, schedule: Schedule, happened: Happened, isOver = false): Write {
  const { nextAt: occurrence = '' } = schedule;
  // What passed unseen while nothing was delivered is not made up for.
  const from = Math.max(Date.parse(occurrence), store.clock.now());
  const next = isOver ? undefined : momentAfter(schedule, from);
  const nextAt = next === undefined ? undefined : isoTime(next);
  return scheduleChange(store, schedule, { nextAt, last: { occurrence, ...happened } }).write;
}
