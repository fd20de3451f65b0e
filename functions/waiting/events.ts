import { SLICE_SECONDS } from '../../shared/contracts/events.ts';
import type { Actor } from '../../shared/domain/access.ts';
import { PlatformUnavailable, RateLimited, Unauthenticated } from '../../shared/errors/requests.ts';
import { deploymentTopic, frameText } from '../../shared/platform/frames.ts';
import { beginStream, continueStream } from '../../shared/store/continuations.ts';
import { redeemTicket } from '../../shared/store/tickets.ts';
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
/** And so long after one that failed. */
const AFTER_FAILURE_MS = 5000;

export const getEvents = route({
  ...deploymentEvents,
  handle: async ({ params: { deploymentId }, query, deps, headers, signal, log: notes }) => {
    const known = headers['last-event-id'];
    const from = known === undefined || known === '' ? undefined : eventIdOf(known);
    // The answer at which an EventSource stops asking. It says nothing, so it is for everybody.
    if (from?.ended === true) return noContent;
    const topic = deploymentTopic(deploymentId);
    const viewer = await viewerOf(deps, headers, topic, { ticket: query.ticket, ...from });
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
      return slice(events, { ...log.seen, continuation: viewer.continuation });
    } catch (error) {
      // EventSource gives up for good at any answer but 200, and its page came here to be spared of such things.
      const { continuation } = viewer;
      if (continuation === undefined || !isPassing(error)) throw error;
      const isCrowded = error instanceof RateLimited;
      if (!isCrowded) notes.warn('A slice failed; its viewer comes again.', { error });
      // What a look found that failed was told to nobody.
      const last = { ...(isCrowded ? log.seen : seen), continuation };
      const { code, message } = error;
      const frame = frameText('error', topic, { code, message }, deps.store.clock.now());
      const retryMs = isCrowded ? error.retryAfterSeconds * 1000 : AFTER_FAILURE_MS;
      return slice([{ type: 'error', frame, id: last }], last, retryMs);
    }
  },
});

const isPassing = (error: unknown): error is RateLimited | PlatformUnavailable =>
  error instanceof RateLimited || error instanceof PlatformUnavailable;

interface Viewer {
  readonly actor: Actor;
  /** Of one that sends no header, and so cannot go on by its token: the id of each event carries it. */
  readonly continuation?: string | undefined;
}

/**
 * Who asks: the holder of a token; of a ticket, which opens a stream once; of the continuation of such a stream.
 * @throws Unauthenticated
 */
async function viewerOf(
  deps: WaitingDeps,
  headers: Headers,
  topic: string,
  shown: { readonly ticket?: string | undefined; readonly continuation?: string | undefined },
): Promise<Viewer> {
  if (headers['authorization'] !== undefined) {
    const actor = await authenticate(deps, headers);
    authorize(actor, 'signed-in', {});
    return { actor };
  }
  const viewer = await viewerWithoutToken(deps, topic, shown);
  authorize(viewer.actor, 'signed-in', {});
  await requireStillHeld(deps.store, viewer.actor);
  return viewer;
}

async function viewerWithoutToken(
  { store }: WaitingDeps,
  topic: string,
  {
    ticket,
    continuation,
  }: { readonly ticket?: string | undefined; readonly continuation?: string | undefined },
): Promise<Viewer> {
  if (continuation !== undefined) return continueStream(store, continuation, topic);
  if (ticket === undefined) {
    throw new Unauthenticated('The request carries neither token nor ticket.', {
      suggestion: 'Send Authorization: Bearer <token>, or ?ticket= with one from POST /v1/realtime/tickets.',
    });
  }
  const actor = await redeemTicket(store, ticket);
  return { actor, continuation: await beginStream(store, actor, topic) };
}

/** An id without data moves a client on and is no event to it: behind lines that its filter does not let through. */
function slice(events: readonly DeploymentEvent[], last: EventId, retryMs = RETRY_MS): Reply {
  const { continuation } = last;
  const blocks = events.map(
    ({ type, frame, id }) =>
      `event: ${type}\nid: ${eventIdText({ ...id, continuation })}\ndata: ${frame}\n\n`,
  );
  const told = events.at(-1)?.id;
  const isToldAll = told?.ended === true || (told?.line === last.line && told.revision === last.revision);
  if (!isToldAll) blocks.push(`id: ${eventIdText(last)}\n\n`);
  return {
    status: 200,
    raw: { contentType: 'text/event-stream', content: `retry: ${retryMs}\n\n${blocks.join('')}` },
  };
}
