import type { APIGatewayProxyEventV2, Context as LambdaContext } from 'aws-lambda';
import type { Deployment } from '../../shared/domain/records.ts';
import { chargeToNoticed } from '../../shared/platform/account.ts';
import { keysAsNoticed } from '../../shared/platform/log-about.ts';
import type { Log } from '../../shared/platform/logger.ts';
import { beginSpan, type Outcome, type SpanFacts } from '../../shared/platform/spans.ts';
import { correlationIdOf, methodOf, pathOf } from './request.ts';
import type { EdgeDeps, Route } from './route.ts';

/** One request while it is answered: what every line of the log says about it, and how it went. */
export interface Operation<D extends EdgeDeps> {
  readonly correlationId: string;
  readonly log: Log;
  /** Their store tells the log, and the account, which deployment is read. */
  readonly deps: D;
  /** Names the span by its route, ids left out. */
  found(route: Route<D>): void;
  ended(outcome: Outcome): SpanFacts;
}

/** The operation of a request, the same one for whoever answers it and whoever refuses it. */
export function operationsOf<D extends EdgeDeps>(deps: D) {
  const open = new WeakMap<object, Operation<D>>();
  return (event: APIGatewayProxyEventV2, context: LambdaContext): Operation<D> => {
    const made = open.get(event) ?? operation(deps, event, context);
    open.set(event, made);
    return made;
  };
}

function operation<D extends EdgeDeps>(
  deps: D,
  event: APIGatewayProxyEventV2,
  context: LambdaContext,
): Operation<D> {
  const about = keysAsNoticed();
  const correlationId = correlationIdOf(event, context);
  const route = `${methodOf(event)} ${pathOf(event)}`;
  let name = 'no route';
  const ended = beginSpan(deps.store.clock);
  const noticed = (deployment: Deployment) => {
    about.noticed(deployment);
    chargeToNoticed(deployment);
  };
  return {
    correlationId,
    log: deps.log.with({ correlationId, route }).with(about.keys),
    deps: { ...deps, store: { ...deps.store, noticed } },
    found: ({ method, path }) => {
      name = `${method} ${path}`;
    },
    ended: (outcome) => ended(name, outcome),
  };
}
