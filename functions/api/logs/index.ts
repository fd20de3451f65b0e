import { getLogs } from './get-logs.ts';
import { postTicket } from './post-ticket.ts';
import { postPurge } from './purge.ts';

export const logRoutes = [getLogs, postPurge, postTicket] as const;
