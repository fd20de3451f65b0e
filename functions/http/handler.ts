import middy from '@middy/core';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context as LambdaContext,
} from 'aws-lambda';
import * as z from 'zod/mini';
import type { Actor } from '../../shared/domain/access.ts';
import { PlatformUnavailable } from '../../shared/errors/requests.ts';
import { count } from '../../shared/platform/account.ts';
import { invoked } from '../../shared/store/spending.ts';
import { authenticate, authorize } from './auth.ts';
import { repeatable } from './idempotent.ts';
import { parsed } from './issues.ts';
import { type Operation, operationsOf } from './operation.ts';
import { refusalOf } from './problem.ts';
import { render, renderProblem } from './reply.ts';
import { checkSize, headersOf, jsonBodyOf, MAX_BODY_BYTES, methodOf, pathOf, queryOf } from './request.ts';
import type { EdgeDeps, Reply, Route, Schema } from './route.ts';
import { finderOf, type Match, type Routes } from './router.ts';

export interface EdgeOptions {
  /** Largest body in bytes; 256 KB unless the function's own protocol says otherwise. */
  readonly maxBodyBytes?: number;
  /** A request that went well is worth a line at level DEBUG only: for a function that gets many. */
  readonly quiet?: boolean;
}

/** So long before the function's time is up the caller gets an answer instead of a broken connection (ms). */
const ANSWER_EARLY_MS = 300;

/**
 * The Lambda handler of a function behind the HTTP API (payload 2.0): finds the route, then size, token,
 * path, query, body, each refused by a problem document before the handler sees anything.
 */
export function httpHandler<D extends EdgeDeps>(routes: Routes<D>, deps: D, options: EdgeOptions = {}) {
  const find = finderOf(routes);
  const operationOf = operationsOf(deps);
  const limit = options.maxBodyBytes ?? MAX_BODY_BYTES;

  const answer = async (
    event: APIGatewayProxyEventV2,
    context: LambdaContext,
    signal: AbortSignal,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const operation = operationOf(event, context);
    const match = await find(methodOf(event), pathOf(event));
    operation.found(match.route);
    checkSize(event, limit);
    const { correlationId, log } = operation;
    const reply = await respond({ match, operation, event, signal });
    const result = render(reply, match.route.method, headersOf(event));
    const facts = { status: reply.status, span: operation.ended('ok') };
    if (options.quiet === true) log.debug('Request answered', facts);
    else log.info('Request answered', facts);
    count({ sentBytes: Buffer.byteLength(result.body ?? '') });
    return { ...result, headers: { ...result.headers, 'x-correlation-id': correlationId } };
  };

  const counted = (
    event: APIGatewayProxyEventV2,
    context: LambdaContext,
    { signal }: { signal: AbortSignal },
  ) => invoked(deps.store, { facts: context, given: { requests: 1 } }, () => answer(event, context, signal));

  return middy(counted, {
    timeoutEarlyInMillis: ANSWER_EARLY_MS,
    timeoutEarlyResponse: () => {
      throw new PlatformUnavailable('The request took too long and was given up.', {
        suggestion: 'Try again; a POST with the same Idempotency-Key is not done twice.',
      });
    },
  }).onError((request) => {
    const { correlationId, log, ended } = operationOf(request.event, request.context);
    const { problem, headers, unexpected } = refusalOf(request.error, correlationId);
    const { code, field } = problem;
    if (unexpected) log.error('Request failed', { code, error: request.error, span: ended('error') });
    else log.info('Request refused', { code, field, span: ended('refused') });
    request.response = renderProblem(problem, headers);
  });
}

interface Request<D extends EdgeDeps> {
  readonly match: Match<D>;
  readonly operation: Operation<D>;
  readonly event: APIGatewayProxyEventV2;
  readonly signal: AbortSignal;
}

async function respond<D extends EdgeDeps>(request: Request<D>): Promise<Reply> {
  const { event, signal } = request;
  const { deps, correlationId } = request.operation;
  const { route } = request.match;
  const headers = headersOf(event);
  const { params, actor } = await admitted(request);
  const query = route.query === undefined ? refuseAny(queryOf(event)) : parsed(route.query, queryOf(event));
  const raw = takesBody(route) ? jsonBodyOf(event, route.method) : {};
  const body = parsed(route.body ?? NOTHING, raw);
  const log = request.operation.log.with({ actor: actor?.subject, ...ids(params) });
  const rawQuery = event.rawQueryString ?? '';
  const call = { params, query, body, actor, deps, correlationId, rawQuery, headers, log, signal };
  if (route.method !== 'POST' || actor === undefined) return route.handle(call);
  return repeatable(
    {
      store: deps.store,
      headers,
      subject: actor.subject,
      route: routeName(event),
      body: raw,
      renew: async (stored) => (route.renew === undefined ? stored : route.renew(stored, deps)),
    },
    (idempotency) => route.handle({ ...call, idempotency }),
  );
}

/** Who calls, and whether it may; a stranger learns nothing about the form of ids. */
async function admitted<D extends EdgeDeps>(
  request: Request<D>,
): Promise<{ params: unknown; actor: Actor | undefined }> {
  const { route, params: raw } = request.match;
  const { auth } = route;
  const open = auth === 'public' || auth === 'own';
  const actor = open ? undefined : await authenticate(request.operation.deps, headersOf(request.event));
  const params = route.params === undefined ? undefined : parsed(route.params, raw);
  if (actor !== undefined && !open) {
    authorize(actor, auth, { projectId: raw['projectId'], environment: raw['environment'] });
  }
  return { params, actor };
}

const NOTHING: Schema = z.strictObject({});
const refuseAny = (query: Record<string, string>) => parsed(NOTHING, query);
const takesBody = <D extends EdgeDeps>(route: Route<D>) =>
  route.method !== 'GET' && route.method !== 'DELETE';
const routeName = (event: APIGatewayProxyEventV2) => `${methodOf(event)} ${pathOf(event)}`;

/** The ids of the path, for every line of the log. */
function ids(params: unknown): { projectId?: string; deploymentId?: string; environment?: string } {
  if (typeof params !== 'object' || params === null) return {};
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => ['projectId', 'deploymentId', 'environment'].includes(name)),
  );
}
