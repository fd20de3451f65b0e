import type { Place } from '../../../shared/domain/admission.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import type { Log } from '../../../shared/platform/logger.ts';
import type { Created } from '../../../shared/store/deployment-creation.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { accepted, asFirstAnswer } from '../../http/reply.ts';
import type { IdempotencyWrite, Reply } from '../../http/route.ts';
import { viewOfDeployment } from '../../reads/view.ts';
import type { ApiDeps } from '../deps.ts';
import { waitForEnd } from './wait.ts';

/** What the creating transaction keeps, so that a repeat of the request gets the same answer. */
export const keptAnswer =
  (idempotency: IdempotencyWrite | undefined) =>
  ({ deployment, place }: Created): readonly Write[] =>
    idempotency === undefined
      ? []
      : [idempotency.write(asFirstAnswer(replyTo(deployment, place)), deployment.id)];

/** Has what was created begin, and answers with it: at once, or when it has ended or the time is up. */
export async function answerStart(
  { deployment, place }: Created,
  call: {
    readonly deps: ApiDeps;
    readonly query: { readonly wait: number };
    readonly log: Log;
    readonly signal: AbortSignal;
  },
): Promise<Reply> {
  await startMachine(call.deps, deployment, call.log);
  const current = await waitForEnd(call.deps.store, deployment, call.query.wait, call.signal);
  return replyTo(current, current.revision === deployment.revision ? place : undefined);
}

const replyTo = (deployment: Deployment, place?: Place) =>
  accepted(viewOfDeployment(deployment, place), `/v1/deployments/${deployment.id}`);

/** The deployment stands, whatever happens here: relay and sweep start what has no execution. */
export async function startMachine(deps: ApiDeps, { id, type }: Deployment, log: Log): Promise<void> {
  try {
    const machine = await deps.machine();
    await machine.start(id, type);
  } catch (error) {
    log.with({ deploymentId: id }).warn('The execution was not started; the relay will.', { error });
  }
}
