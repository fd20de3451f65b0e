import type { TicketView } from '../../../shared/contracts/tickets.ts';
import { maybe, shape, text } from '../shape.ts';

export const ticketView = shape<TicketView>({ ticket: maybe(text()), url: text(), expiresAt: text() });
