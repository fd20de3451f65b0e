import type { Route } from '../http/route.ts';
import { deploymentRoutes } from './deployments/index.ts';
import type { ApiDeps } from './deps.ts';
import { environmentRoutes } from './environments/index.ts';
import { freezeRoutes } from './freezes/index.ts';
import { healthRoutes } from './health/index.ts';
import { logRoutes } from './logs/index.ts';
import { openApiRoute } from './openapi/index.ts';
import { projectRoutes } from './projects/index.ts';
import { realtimeRoutes } from './realtime/index.ts';
import { runnerRoutes } from './runners/index.ts';
import { scheduleRoutes } from './schedules/index.ts';
import { targetRoutes } from './targets/index.ts';
import { tokenRoutes } from './tokens/index.ts';
import { variableRoutes } from './variables/index.ts';
import { versionRoutes } from './versions/index.ts';

/** Every route of `api`, once. */
export const apiRoutes: readonly Route<ApiDeps>[] = [
  ...projectRoutes,
  ...environmentRoutes,
  ...variableRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...logRoutes,
  ...realtimeRoutes,
  ...tokenRoutes,
  ...runnerRoutes,
  ...freezeRoutes,
  ...scheduleRoutes,
  ...targetRoutes,
  ...healthRoutes,
  openApiRoute(() => apiRoutes),
];
