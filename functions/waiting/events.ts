import { SLICE_SECONDS } from '../../shared/contracts/events.ts';
import type { Actor } from '../../shared/domain/access.ts';
import { RateLimited, Unauthenticated } from '../../shared/errors/requests.ts';
import { deploymentTopic, frameText } from '../../shared/platform/frames.ts';
import { transact } from '../../shared/store/engine.ts';
import { newTicket, redeemTicket } from '../../shared/store/tickets.ts';
import { requireStillHeld } from '../../shared/store/tokens.ts';
import { authenticate, authorize } from '../http/auth.ts';
import { noContent } from '../http/reply.ts';
import type { Headers } from '../http/request.ts';
import type { Reply } from '../http/route.ts';
import { findDeployment } from '../reads/deployment.ts';
import { lineFilter } from '../reads/log-page.ts';
import { deploymentEvents } from '../reads/waiting-routes.ts';
import { route, type WaitingDeps } from './deps.ts';
import { type EventId, eventIdOf, eventIdText } from './event-id.ts';
import { type DeploymentEvent, EventLog } from './event-log.ts';
import { lookUntil } from './look.ts';

const LOOK_EVERY_MS = 500;
/** A client asks for its next slice so long after the one before (ms): what comes meanwhile is in it. */
const RETRY_MS = 500;

export const getEvents = route({
  ...deploymentEvents,
  handle: async ({ params: { deploymentId }, query, deps, headers, signal }) => {
    const known = headers['last-event-id'];
    const from = known === undefined || known === '' ? undefined : eventIdOf(known);
    // The answer at which an EventSource stops asking. It says nothing, so it is for everybody.
    if (from?.ended === true) return noContent;
    const topic = deploymentTopic(deploymentId);
    const viewer = await viewerOf(deps, headers, topic, from?.ticket ?? query.ticket);
    const deployment = await findDeployment(deps.store, viewer.actor, deploymentId);
    const seen = { line: from?.line ?? query.after ?? 0, revision: from?.revision ?? 0 };
    const log = new EventLog(deps, deployment, seen, { filter: lineFilter(query), signal });
    const patience = { seconds: SLICE_SECONDS, everyMs: LOOK_EVERY_MS, actor: viewer.actor, signal };
    try {
      const events = await lookUntil(
        deps,
        patience,
        () => log.look(),
        ({ length }) => length > 0 || log.isFull,
      );
      const ticket = events.at(-1)?.type === 'end' ? undefined : await nextTicket(deps, viewer, topic);
      return slice(events, { ...log.seen, ticket });
    } catch (error) {
      // EventSource gives up for good at any answer but 200, and its page came here to be spared of such things.
      if (!(error instanceof RateLimited && viewer.byTicket)) throw error;
      const { code, message, retryAfterSeconds } = error;
      const frame = frameText('error', topic, { code, message }, deps.store.clock.now());
      const last = { ...log.seen, ticket: await nextTicket(deps, viewer, topic) };
      return slice([{ type: 'error', frame, id: last }], last, retryAfterSeconds * 1000);
    }
  },
});

interface Viewer {
  readonly actor: Actor;
  /** It sends no header, so it cannot go on by its token. */
  readonly byTicket: boolean;
}

/** @throws Unauthenticated */
async function viewerOf(
  deps: WaitingDeps,
  headers: Headers,
  topic: string,
  ticket: string | undefined,
): Promise<Viewer> {
  if (headers['authorization'] !== undefined) {
    const actor = await authenticate(deps, headers);
    authorize(actor, 'signed-in', {});
    return { actor, byTicket: false };
  }
  if (ticket === undefined) {
    throw new Unauthenticated('The request carries neither token nor ticket.', {
      suggestion: 'Send Authorization: Bearer <token>, or ?ticket= with one from POST /v1/realtime/tickets.',
    });
  }
  const actor = await redeemTicket(deps.store, ticket, topic);
  authorize(actor, 'signed-in', {});
  await requireStillHeld(deps.store, actor);
  return { actor, byTicket: true };
}

/**
 * A ticket is good once, so whoever came by one gets the next: in the ids of the events, which EventSource sends back
 * in a header. It opens this deployment's events and nothing else.
 */
async function nextTicket(deps: WaitingDeps, viewer: Viewer, topic: string): Promise<string | undefined> {
  if (!viewer.byTicket) return undefined;
  const { ticket, write } = newTicket(deps.store, viewer.actor, topic);
  await transact(deps.store, [write]);
  return ticket;
}

/** An id without data moves a client on and is no event to it: behind lines that its filter does not let through. */
function slice(events: readonly DeploymentEvent[], last: EventId, retryMs = RETRY_MS): Reply {
  const { ticket } = last;
  const blocks = events.map(
    ({ type, frame, id }) => `event: ${type}\nid: ${eventIdText({ ...id, ticket })}\ndata: ${frame}\n\n`,
  );
  const told = events.at(-1)?.id;
  const isToldAll = told?.ended === true || (told?.line === last.line && told.revision === last.revision);
  if (!isToldAll) blocks.push(`id: ${eventIdText(last)}\n\n`);
  return {
    status: 200,
    raw: { contentType: 'text/event-stream', content: `retry: ${retryMs}\n\n${blocks.join('')}` },
  };
}
