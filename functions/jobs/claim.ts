import type * as z from 'zod/mini';
import { claimedJob, claimRequest } from '../../shared/contracts/jobs.ts';
import type { Actor } from '../../shared/domain/access.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { PermissionDenied, Refused, ValidationFailed } from '../../shared/errors/requests.ts';
import { noteClaim } from '../../shared/store/deployments.ts';
import { DEFAULT_LABEL } from '../../shared/store/job.ts';
import { type Claimed, claimJob, claimNextJob } from '../../shared/store/job-claims.ts';
import { TICKET_PREFIX } from '../../shared/store/job-proofs.ts';
import { cancelJob, claimNote } from '../../shared/store/jobs.ts';
import { runnerSeen } from '../../shared/store/runners.ts';
import { authenticate, authorize, bearerOf } from '../http/auth.ts';
import { noContent, ok } from '../http/reply.ts';
import { defineRoute, type Reply } from '../http/route.ts';
import type { JobsDeps } from './deps.ts';
import { describeJob } from './describe.ts';

type Request = z.output<typeof claimRequest>;

/** A runner asks for work: an agent for the oldest that fits, a build for exactly the job of its ticket. */
export const claim = defineRoute<JobsDeps>()({
  method: 'POST',
  path: '/v1/runner/claims',
  auth: 'own',
  body: claimRequest,
  summary: 'Claims a job; the same nonce gets the same answer.',
  answer: { status: 200, schema: claimedJob },
  problems: ['JOB_GONE'],
  handle: async ({ deps, headers, body }) => {
    const bearer = bearerOf(headers);
    if (bearer.startsWith(TICKET_PREFIX)) {
      const reply = await answer(deps, await withTicket(deps, bearer, body));
      if (reply !== undefined) return reply;
      throw new Refused('JOB_GONE', 'The deployment of this job is ending.', {
        suggestion: 'Nothing is left to do.',
      });
    }
    const actor = await authenticate(deps, headers);
    authorize(actor, 'runner', {});
    if (actor.runner !== undefined) await runnerSeen(deps.store, actor.runner.id);
    const claimed = await asAgent(deps, actor, body);
    return (claimed === undefined ? undefined : await answer(deps, claimed)) ?? noContent;
  },
});

function withTicket(deps: JobsDeps, ticket: string, { jobKey, nonce, name }: Request): Promise<Claimed> {
  if (jobKey !== undefined) return claimJob(deps.store, { jobKey, ticket, nonce, name });
  throw new ValidationFailed([
    { field: '/jobKey', message: 'is required with a claim ticket', code: 'REQUIRED' },
  ]);
}

function asAgent(deps: JobsDeps, actor: Actor, request: Request): Promise<Claimed | undefined> {
  if (request.jobKey !== undefined) {
    throw new ValidationFailed([
      {
        field: '/jobKey',
        message: 'is for claim tickets; a runner token gets the oldest job',
        code: 'UNKNOWN_FIELD',
      },
    ]);
  }
  const { nonce, name, kinds } = request;
  return claimNextJob(deps.store, {
    tokenId: actor.tokenId,
    nonce,
    name,
    kinds,
    label: labelOf(actor, request.label),
    serves: (place) => actor.grants.some((grant) => covers(grant, place)),
  });
}

/** A token that was made for a label works for that label only. */
function labelOf({ runner }: Actor, asked: string | undefined): string {
  const own = runner?.label;
  if (own === undefined || asked === undefined || asked === own) return asked ?? own ?? DEFAULT_LABEL;
  throw new PermissionDenied(`This runner token is for the label ${own}.`, {
    field: '/label',
    suggestion: 'Leave the label out, or make a token for the other one.',
  });
}

/** Whatever role it carries: a runner's grants name places. */
const covers = (grant: Actor['grants'][number], place: { projectId: string; environment: string }) =>
  (grant.projectId === undefined || grant.projectId === place.projectId) &&
  (grant.environment === undefined || grant.environment === place.environment);

/**
 * Moves the deployment, then tells the runner what to do; undefined where the deployment is ending.
 * The job is claimed before its deployment knows: whatever dies between, the runner's repeat makes up for
 * it, and without a repeat the claim deadline on the record still ends the wait.
 */
async function answer(deps: JobsDeps, { job, jobToken }: Claimed): Promise<Reply | undefined> {
  const deployment = await noteClaim(deps.store, job.deploymentId, claimNote(job));
  const ending =
    isTerminal(deployment.status) ||
    deployment.settling !== undefined ||
    deployment.cancelRequested !== undefined;
  if (!ending) return ok(await describeJob(deps, deployment, job, jobToken));
  await cancelJob(deps.store, job.jobKey);
  return undefined;
}
