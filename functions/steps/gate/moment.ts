import { resolveTimeouts } from '../../../shared/domain/deadlines.ts';
import type { Deployment, ScheduledMoment } from '../../../shared/domain/records.ts';
import { changeDeployment, getDeployment, requestCancel } from '../../../shared/store/deployments.ts';
import type { StepsDeps } from '../deps.ts';
import { type GateFacts, type GateRule, type GateVerdict, PASS } from './rule.ts';

/**
 * What was planned waits for its moment, outside of every line (rule 13). When that has come it goes on like any other:
 * how long it waits for a runner or for the slot from then on has nothing to do with the window of its schedule.
 */
export const moment: GateRule = async (deps, facts): Promise<GateVerdict> => {
  const { deployment } = facts;
  const { schedule } = deployment;
  if (schedule === undefined) return PASS;
  const at = Date.parse(schedule.at);
  const now = deps.store.clock.now();
  if (now < at) {
    return { kind: 'wait', status: 'scheduled', note: `scheduled for ${schedule.at}`, until: at };
  }
  if (now > at + schedule.windowSeconds * 1000) return missed(deps, deployment, schedule);
  const newer = schedule.autoCancel ? await newerLive(deps, facts) : undefined;
  if (newer === undefined) return begin(deps, deployment, now);
  await requestCancel(deps.store, deployment.id, {
    by: 'slipway',
    reason: `${newer}, which is newer, went live before its moment`,
    code: 'SUPERSEDED',
  });
  return { kind: 'again' };
};

async function begin(deps: StepsDeps, deployment: Deployment, now: number) {
  const { gateSeconds } = resolveTimeouts(deployment.snapshot.timeouts);
  await changeDeployment(deps.store, deployment, {
    status: 'created',
    note: undefined,
    deadlines: { stage: now + gateSeconds * 1000 },
  });
  return { kind: 'again' } as const;
}

async function missed(deps: StepsDeps, { id }: Deployment, { at, windowSeconds }: ScheduledMoment) {
  await requestCancel(deps.store, id, {
    by: 'slipway',
    reason: `it was due at ${at} and could not begin within ${windowSeconds} s`,
    code: 'MISSED',
  });
  return { kind: 'again' } as const;
}

async function newerLive(deps: StepsDeps, { deployment, slot }: GateFacts): Promise<string | undefined> {
  if (slot.active === undefined) return undefined;
  const active = await getDeployment(deps.store, slot.active);
  return active !== undefined && active.createdAt > deployment.createdAt ? active.id : undefined;
}
