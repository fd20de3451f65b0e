import * as z from 'zod/mini';
import { freezeOverride, freezeOverrideView } from '../../../shared/contracts/freezes.ts';
import { deploymentId, freezeId } from '../../../shared/contracts/ids.ts';
import type { Deployment, FreezeOverride } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import { freezeNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { stageDone, wakeGate } from '../../../shared/store/deployments.ts';
import { getFreeze } from '../../../shared/store/freezes.ts';
import { requireRole } from '../../http/auth.ts';
import { accepted } from '../../http/reply.ts';
import { findDeployment } from '../../reads/deployment.ts';
import { route } from '../deps.ts';

export const overrideView = z.strictObject({ ...freezeOverrideView.shape, deploymentId });

export const postOverride = route({
  method: 'POST',
  path: '/v1/freezes/{freezeId}/override',
  summary: 'Let one deployment pass in spite of the freeze. Who did it and why stands on its record.',
  auth: 'signed-in',
  params: z.strictObject({ freezeId }),
  body: freezeOverride,
  answer: { status: 202, schema: overrideView },
  problems: ['PERMISSION_DENIED', 'FREEZE_NOT_FOUND', 'DEPLOYMENT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ params, body, actor, deps: { store }, log }) => {
    const { projectId, environment, id } = await findDeployment(store, actor, body.deploymentId);
    requireRole(actor, 'admin', { projectId, environment });
    if ((await getFreeze(store, params.freezeId)) === undefined) throw freezeNotFound(params.freezeId);
    const override: FreezeOverride = {
      freezeId: params.freezeId,
      reason: body.reason,
      by: actor.subject,
      at: isoTime(store.clock.now()),
    };
    const { freezeOverrides = [] } = await wakeGate(store, id, (current) => {
      requireWaiting(current);
      const given = current.freezeOverrides ?? [];
      if (given.some((one) => one.freezeId === override.freezeId)) return undefined;
      return { freezeOverrides: [...given, override] };
    });
    const standing = freezeOverrides.find((one) => one.freezeId === override.freezeId);
    // wakeGate leaves alone what has ended meanwhile.
    if (standing === undefined) throw tooLate(id);
    log.info('Freeze overridden', { freezeId: params.freezeId, deploymentId: id });
    return accepted({ ...standing, deploymentId: id }, `/v1/deployments/${id}`);
  },
});

function requireWaiting(deployment: Deployment): void {
  const { id, status, cancelRequested, settling } = deployment;
  const ending = isTerminal(status) || cancelRequested !== undefined || settling !== undefined;
  if (ending || stageDone(deployment, 'gate')) throw tooLate(id);
}

const tooLate = (id: string) =>
  new Conflict(
    'INVALID_STATE',
    `Deployment ${id} waits for no freeze: it has passed its gate, or is ending.`,
    {
      suggestion: 'Read its status; a new deployment needs an override of its own.',
    },
  );
