import * as z from 'zod/mini';
import { deploymentQuery } from '../../shared/contracts/deployment-requests.ts';
import { deploymentView } from '../../shared/contracts/deployments.ts';
import { eventsQuery } from '../../shared/contracts/events.ts';
import { logPage, logsQuery } from '../../shared/contracts/logs.ts';
import type { Reply, RouteDescription } from '../http/route.ts';
import { deploymentParams } from './deployment.ts';

/**
 * The routes of `waiting`, described here since `api` redirects to them and describes them in its document: an HTTP
 * API routes by path, so a query alone (`wait`) does not lead to another function.
 */
export const waitedDeployment = {
  method: 'GET',
  path: '/v1/waiting/deployments/{deploymentId}',
  summary:
    'One deployment, as soon as its revision is another than the one given; without one, once it has ended.',
  auth: 'signed-in',
  params: deploymentParams,
  query: deploymentQuery,
  answer: { status: 200, schema: deploymentView },
  problems: ['DEPLOYMENT_NOT_FOUND', 'RATE_LIMIT_EXCEEDED'],
} as const satisfies RouteDescription;

export const waitedLogs = {
  method: 'GET',
  path: '/v1/waiting/deployments/{deploymentId}/logs',
  summary: 'Lines of a log, as soon as there are some.',
  auth: 'signed-in',
  params: deploymentParams,
  query: logsQuery,
  answer: { status: 200, schema: logPage },
  problems: ['DEPLOYMENT_NOT_FOUND', 'RATE_LIMIT_EXCEEDED'],
} as const satisfies RouteDescription;

export const deploymentEvents = {
  method: 'GET',
  path: '/v1/deployments/{deploymentId}/events',
  summary:
    'Status and log as Server-Sent Events, in slices: until the first event, 25 s at the most. Last-Event-ID goes on; 204 once there is nothing more.',
  auth: 'own',
  params: deploymentParams,
  query: eventsQuery,
  answer: { status: 200, schema: z.string(), contentType: 'text/event-stream' },
  problems: ['DEPLOYMENT_NOT_FOUND', 'RATE_LIMIT_EXCEEDED'],
} as const satisfies RouteDescription;

export const waitingRoutes: readonly RouteDescription[] = [waitedDeployment, waitedLogs, deploymentEvents];

/**
 * Sends a request that wants to wait to where that is done, with its query as it is.
 * @param path relative to the request's own: what stands before /v1 is known to the caller alone
 */
export const toWaiting = (path: string, rawQuery: string): Reply => ({
  status: 307,
  headers: { location: `${path}?${rawQuery}` },
});
