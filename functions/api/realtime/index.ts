import { postTicket } from './post-ticket.ts';

export const realtimeRoutes = [postTicket] as const;
