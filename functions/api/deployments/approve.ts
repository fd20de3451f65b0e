import { approveRequest } from '../../../shared/contracts/approvals.ts';
import { deploymentView } from '../../../shared/contracts/deployments.ts';
import type { Actor } from '../../../shared/domain/access.ts';
import { type Objection, objection, type Vote } from '../../../shared/domain/approvals.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import { Conflict, PermissionDenied } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { wakeGate } from '../../../shared/store/deployments.ts';
import { accepted } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { viewOfDeployment } from '../../reads/view.ts';
import { route } from '../deps.ts';

export const postApprove = route({
  method: 'POST',
  path: '/v1/deployments/{deploymentId}/approve',
  summary: 'Agree to what the deployment would change; with enough approvals it goes on.',
  auth: 'signed-in',
  params: deploymentParams,
  body: approveRequest,
  answer: { status: 202, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'PERMISSION_DENIED', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps: { store }, log }) => {
    const { id } = await findDeployment(store, actor, params.deploymentId);
    const vote: Vote = {
      by: actor.subject,
      at: isoTime(store.clock.now()),
      ...(body.comment === undefined ? {} : { comment: body.comment }),
      voter: { tokenId: actor.tokenId, grants: actor.grants, groups: actor.groups },
    };
    const after = await wakeGate(store, id, (current) => {
      const approval = waitingFor(current, actor, store.clock.now());
      if (body.digest !== undefined && body.digest !== approval.digest) throw changed(id);
      if (approval.given.some(({ by }) => by === actor.subject)) throw twice(id);
      return { approval: { ...approval, given: [...approval.given, vote] } };
    });
    // wakeGate leaves alone what has ended meanwhile.
    if (!after.approval?.given.some(({ by, at }) => by === vote.by && at === vote.at))
      throw notWaiting(after);
    log.info('Approved', { deploymentId: id, given: after.approval.given.length });
    return accepted(viewOfDeployment(after), `/v1/deployments/${id}`);
  },
});

/**
 * The approval that this actor may still say something to.
 * @throws Conflict INVALID_STATE where none is waited for, PermissionDenied where it is not theirs to give
 */
export function waitingFor(deployment: Deployment, actor: Actor, now: number) {
  const { approval, status, cancelRequested, settling } = deployment;
  const ending = isTerminal(status) || cancelRequested !== undefined || settling !== undefined;
  if (ending || status !== 'awaiting-approval' || approval === undefined) throw notWaiting(deployment);
  const problem = objection(approval, deployment, actor);
  if (problem !== undefined) throw denied(problem, deployment, approval.groups);
  if (Date.parse(approval.expiresAt) <= now) throw expired(deployment.id, approval.expiresAt);
  return approval;
}

const WHY: Readonly<Record<Objection, (place: string, groups: string) => readonly [string, string]>> = {
  role: (place) => [`This needs the role approver in ${place}.`, 'Ask somebody who has it.'],
  group: (place, groups) => [
    `Only members of ${groups} approve what changes ${place}.`,
    'Ask one of them; groups stand in the token.',
  ],
  self: (place) => [
    `Whoever started a deployment does not approve it in ${place}.`,
    'Ask somebody else with the role approver.',
  ],
};

function denied(problem: Objection, { environment }: Deployment, groups: readonly string[] = []) {
  const [message, suggestion] = WHY[problem](`the environment ${environment}`, groups.join(', '));
  return new PermissionDenied(message, { suggestion });
}

export const notWaiting = ({ id, status }: Deployment) =>
  new Conflict('INVALID_STATE', `Deployment ${id} is ${status} and waits for no approval.`, {
    suggestion: 'Read its status; only what shows awaiting-approval can be approved or rejected.',
  });

const twice = (id: string) =>
  new Conflict('INVALID_STATE', `You have approved deployment ${id} already.`, {
    suggestion: 'Ask somebody else for what is missing.',
  });

const changed = (id: string) =>
  new Conflict('INVALID_STATE', `What deployment ${id} would change is not what you have looked at.`, {
    field: '/digest',
    suggestion: 'Read the deployment again, and approve what it is now.',
  });

const expired = (id: string, at: string) =>
  new Conflict('INVALID_STATE', `The approval of deployment ${id} had to be there by ${at}.`, {
    suggestion: 'Start the deployment again.',
  });
