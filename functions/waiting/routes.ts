import { getWaitedDeployment } from './deployment.ts';
import { getEvents } from './events.ts';
import { getWaitedLogs } from './logs.ts';

export const routes = [getWaitedDeployment, getWaitedLogs, getEvents];
