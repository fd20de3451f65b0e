import type { Route } from '../http/route.ts';
import type { ApiDeps } from './deps.ts';

type Group = () => Promise<readonly Route<ApiDeps>[]>;

/** By the name in the path. Schemas are half of what this function could load, and a request needs those of one group. */
const GROUPS: ReadonlyMap<string, Group> = new Map<string, Group>([
  ['projects', async () => (await import('./projects/index.ts')).projectRoutes],
  ['environments', async () => (await import('./environments/index.ts')).environmentRoutes],
  ['variables', async () => (await import('./variables/index.ts')).variableRoutes],
  ['versions', async () => (await import('./versions/index.ts')).versionRoutes],
  ['deployments', async () => (await import('./deployments/index.ts')).deploymentRoutes],
  ['logs', async () => (await import('./logs/index.ts')).logRoutes],
  ['realtime', async () => (await import('./realtime/index.ts')).realtimeRoutes],
  ['tokens', async () => (await import('./tokens/index.ts')).tokenRoutes],
  ['freezes', async () => (await import('./freezes/index.ts')).freezeRoutes],
  ['schedules', async () => (await import('./schedules/index.ts')).scheduleRoutes],
  ['runners', async () => (await import('./runners/index.ts')).runnerRoutes],
  ['targets', async () => (await import('./targets/index.ts')).targetRoutes],
  ['health', async () => (await import('./health/index.ts')).healthRoutes],
  // The document describes them all.
  ['openapi.json', async () => (await import('./routes.ts')).apiRoutes],
]);

/** The routes that a path may mean, loaded with the first request for one of them; none for a path that nobody has. */
export async function routesFor(path: string): Promise<readonly Route<ApiDeps>[]> {
  // Names and ids take turns: /v1/projects/{projectId}/versions/{versionId}. The last name that is known decides.
  const [, , ...segments] = path.split('/');
  const known = segments.flatMap((segment, i) => (i % 2 === 0 ? (GROUPS.get(segment) ?? []) : []));
  return (await known.at(-1)?.()) ?? [];
}
