import { getLogs } from './get-logs.ts';
import { postPurge } from './purge.ts';

export const logRoutes = [getLogs, postPurge] as const;
