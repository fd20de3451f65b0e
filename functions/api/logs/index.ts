import { getLogs } from './get-logs.ts';
import { postTicket } from './post-ticket.ts';

export const logRoutes = [getLogs, postTicket] as const;
