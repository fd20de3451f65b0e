import { type DeploymentRequest, deploymentRequest } from '../../../shared/contracts/deployment-requests.ts';
import { type ScheduleRequest, scheduleRequest, scheduleView } from '../../../shared/contracts/schedules.ts';
import type { OpenDeployment } from '../../../shared/domain/records.ts';
import type { Schedule } from '../../../shared/domain/schedules.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { planNext } from '../../../shared/platform/planned.ts';
import { transact, type Write } from '../../../shared/store/engine.ts';
import { createSchedule, getSchedule } from '../../../shared/store/schedules.ts';
import { checkStart, type Start, startDeployment } from '../../../shared/store/start-deployment.ts';
import { requireRole } from '../../http/auth.ts';
import { parsed } from '../../http/issues.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { startMachine } from '../deployments/answer-start.ts';
import { route } from '../deps.ts';
import { firstMoment } from './moments.ts';
import { viewOfSchedule } from './view.ts';

export const postSchedule = route({
  method: 'POST',
  path: '/v1/schedules',
  summary: 'Plan a deployment: `at` one moment, or again and again by `cron`.',
  auth: 'signed-in',
  body: scheduleRequest,
  answer: { status: 201, schema: scheduleView },
  problems: [
    'PREREQUISITES_NOT_MET',
    'PROJECT_NOT_FOUND',
    'ENVIRONMENT_NOT_FOUND',
    'VERSION_NOT_FOUND',
    'RATE_LIMIT_EXCEEDED',
  ],
  handle: async ({ body, actor, deps, idempotency, log }) => {
    const { store } = deps;
    const { request, ...when } = partsOf(body);
    const { projectId } = request;
    requireRole(actor, 'viewer', { projectId });
    const now = store.clock.now();
    const at = isoTime(firstMoment(when, now));
    const id = `sch_${store.random.ulid(now)}`;
    const scheduleAt = (environment: string, deploymentId?: string): Schedule => ({
      id,
      projectId,
      environment,
      // What is stored is what was sent; JSON has no undefined.
      request: JSON.parse(JSON.stringify({ ...request, environment })),
      ...when,
      generation: 1,
      nextAt: at,
      deploymentId,
      createdAt: isoTime(now),
      createdBy: { subject: actor.subject, tokenId: actor.tokenId },
      updatedAt: isoTime(now),
      revision: 1,
    });
    const replyTo = (schedule: Schedule) => created(viewOfSchedule(schedule), `/v1/schedules/${id}`);
    const writes = (schedule: Schedule): Write[] => [
      createSchedule(schedule),
      ...(idempotency === undefined ? [] : [idempotency.write(asFirstAnswer(replyTo(schedule)), id)]),
    ];
    const moment = { scheduleId: id, at, windowSeconds: when.window, autoCancel: when.autoCancel };
    const start: Start = {
      actor,
      body: request,
      mayDeploy: (environment) => requireRole(actor, 'deployer', { projectId, environment }),
      planned: {
        unchecked: !when.validateFirst,
        ...(when.cron === undefined ? { moment } : {}),
      },
      alsoWrite: ({ deployment }) => writes(scheduleAt(deployment.environment, deployment.id)),
    };
    let deployment: OpenDeployment | undefined;
    if (when.cron === undefined) ({ deployment } = await startDeployment(deps, start));
    else await transact(store, writes(scheduleAt((await checkStart(deps, start)).environment.name)));
    const schedule =
      (await getSchedule(store, id)) ?? scheduleAt(deployment?.environment ?? '', deployment?.id);
    if (deployment !== undefined) await startMachine(deps, deployment, log);
    try {
      await planNext(await deps.scheduler(), schedule, now);
    } catch (error) {
      log.warn('The moment was not planned; the sweep will see to it.', { error, scheduleId: id });
    }
    return replyTo(schedule);
  },
});

/** The request for a deployment, and when. */
function partsOf(body: ScheduleRequest) {
  const { at, cron, timezone, autoCancel, notifyBefore, window, validateFirst, ...rest } = body;
  // Once more, for what its parts must be together.
  const request: DeploymentRequest = parsed(deploymentRequest, rest);
  return { request, at, cron, timezone, autoCancel, notifyBefore, window, validateFirst };
}
