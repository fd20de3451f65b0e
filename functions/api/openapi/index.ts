import { ok } from '../../http/reply.ts';
import type { Route } from '../../http/route.ts';
import { waitingRoutes } from '../../reads/waiting-routes.ts';
import { type ApiDeps, route } from '../deps.ts';

/** The document is made at the first request for it: no other request pays for it. */
export const openApiRoute = (routes: () => readonly Route<ApiDeps>[]): Route<ApiDeps> => {
  let document: Promise<unknown> | undefined;
  return route({
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This API as an OpenAPI 3.1 document.',
    auth: 'public',
    answer: { status: 200 },
    handle: async () => {
      document ??= import('./document.ts').then(({ openApiDocument }) =>
        openApiDocument([...routes(), ...waitingRoutes]),
      );
      return ok(await document);
    },
  });
};
