import { type TicketView, ticketView } from '../../../shared/contracts/tickets.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { transact } from '../../../shared/store/engine.ts';
import { newTicket } from '../../../shared/store/tickets.ts';
import { route } from '../deps.ts';

/** A ticket for a socket, for those who cannot send headers with one. */
export const postTicket = route({
  method: 'POST',
  path: '/v1/realtime/tickets',
  summary: 'A ticket that opens one socket, or begins one stream of events, within 60 seconds.',
  auth: 'signed-in',
  answer: { status: 201, schema: ticketView },
  handle: async ({ actor, deps, idempotency }) => {
    const { ticket, expiresAt, write } = newTicket(deps.store, actor);
    const shown: TicketView = { url: deps.websocketUrl, expiresAt: isoTime(expiresAt) };
    const kept = idempotency?.write({ status: 201, body: shown });
    await transact(deps.store, kept === undefined ? [write] : [write, kept]);
    return { status: 201, body: { ticket, ...shown } };
  },
});
