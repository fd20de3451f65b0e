import * as z from 'zod/mini';
import {
  type CustomAction,
  type CustomAnswer,
  type CustomRequest,
  customAnswers,
  customProblem,
} from '../../contracts/custom-target.ts';
import { FenceLost, OutcomeUnknown, StageFailed } from '../../errors/deployments.ts';
import { NetFailure } from '../../errors/net.ts';
import type { GuardedFetch, GuardedResponse } from '../../net/guarded-fetch.ts';
import { signWebhook } from '../../net/webhook-signature.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';

export interface CustomServer {
  readonly url: string;
  /** `whsec_...` */
  readonly secret: string;
  readonly signal: AbortSignal;
}

export interface CallDependencies {
  /** The only way to an address that somebody typed in. */
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly random: Random;
}

type RequestOf<A extends CustomAction> = Extract<CustomRequest, { action: A }>;

/** How long one request may take, in ms. The long ones may answer `pending` instead of using it up. */
const TIMEOUT_MS: Readonly<Record<CustomAction, number>> = {
  start: 30_000,
  activate: 45_000,
  cancel: 20_000,
  cleanup: 20_000,
  status: 10_000,
  logs: 10_000,
  serving: 10_000,
};
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Requests after which something may be different, so that a lost answer is an unknown outcome. */
const changing: ReadonlySet<CustomAction> = new Set(['start', 'activate', 'cancel', 'cleanup']);

/**
 * Sends one signed request and reads its answer. Never repeats: who calls knows whether it still may.
 * @throws StageFailed where the server refused, FenceLost where it has seen a higher fence, OutcomeUnknown,
 *   UrlRefused, InvalidWebhookSecret, and NetFailure where nothing was sent or nothing can have changed
 */
export async function callCustomServer<A extends CustomAction>(
  deps: CallDependencies,
  server: CustomServer,
  request: RequestOf<A>,
): Promise<CustomAnswer<A>> {
  const action: A = request.action;
  const response = await send(deps, server, request);
  if (response.status !== 200) throw failureOf(action, response);
  const parsed = z.safeParse(customAnswers[action], readJson(response));
  if (!parsed.success) throw outOfContract(action, parsed.error.issues[0]);
  // The schema was looked up by the action, which the compiler cannot follow through the table.
  return parsed.data as CustomAnswer<A>;
}

async function send(
  { fetch, clock, random }: CallDependencies,
  server: CustomServer,
  request: CustomRequest,
): Promise<GuardedResponse> {
  const now = clock.now();
  const message = {
    id: `msg_${random.ulid(now)}`,
    timestamp: Math.floor(now / 1000),
    body: JSON.stringify(request),
  };
  const headers = { ...signWebhook(message, [server.secret]), 'content-type': 'application/json' };
  try {
    return await fetch({
      url: server.url,
      method: 'POST',
      headers,
      body: message.body,
      timeoutMs: TIMEOUT_MS[request.action],
      maxBytes: MAX_ANSWER_BYTES,
      signal: server.signal,
    });
  } catch (cause) {
    if (!(cause instanceof NetFailure) || !cause.outcomeUnknown || !changing.has(request.action)) throw cause;
    throw new OutcomeUnknown(`${cause.message} The request "${request.action}" may have arrived.`, { cause });
  }
}

function failureOf(action: CustomAction, response: GuardedResponse): Error {
  const { status } = response;
  // Busy or broken servers do not know themselves what they did.
  if (status === 429 || status >= 500) {
    return new OutcomeUnknown(`The deployment server answered "${action}" with HTTP ${status}.`, {
      facts: { action, status },
    });
  }
  const problem = z.safeParse(customProblem, readJson(response)).data?.error;
  if (status === 401 || status === 403) {
    return new StageFailed('AUTH_FAILED', `The deployment server refused our signature (HTTP ${status}).`, {
      suggestion: 'See that the server knows the same signing secret, and that its clock is right.',
      facts: { action, status },
    });
  }
  const said = problem?.message ?? `HTTP ${status} without an explanation`;
  if (problem?.code === 'fence')
    return new FenceLost(`The deployment server has seen a newer owner: ${said}`);
  return new StageFailed(
    problem?.code === 'invalid' ? 'INVALID_CONFIG' : 'RELEASE_FAILED',
    `The deployment server refused "${action}": ${said}`,
    {
      fault: 'platform',
      facts: { action, status, code: problem?.code },
    },
  );
}

function outOfContract(action: CustomAction, issue: z.core.$ZodIssue | undefined): Error {
  const message = `The deployment server answered "${action}" out of contract: ${issue?.path.join('.')} ${issue?.message}.`;
  const details = { suggestion: 'Compare its answers with docs/targets/custom.md.', facts: { action } };
  return changing.has(action)
    ? new OutcomeUnknown(message, details)
    : new StageFailed('RELEASE_FAILED', message, { ...details, fault: 'platform' });
}

function readJson({ body }: GuardedResponse): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
