import { NotFound, Refused } from '../../shared/errors/requests.ts';
import type { EdgeDeps, Method, Route } from './route.ts';

export interface Match<D extends EdgeDeps> {
  readonly route: Route<D>;
  readonly params: Readonly<Record<string, string>>;
}

/** All routes, or what gives those that a path may mean. */
export type Routes<D extends EdgeDeps> =
  | readonly Route<D>[]
  | ((path: string) => Promise<readonly Route<D>[]>);

/** Finds the route of a path as `routerOf` does, among those that the path may mean. */
export function finderOf<D extends EdgeDeps>(
  routes: Routes<D>,
): (method: string, path: string) => Promise<Match<D>> {
  if (typeof routes === 'function') {
    return async (method, path) => routerOf(await routes(path))(method, path);
  }
  const find = routerOf(routes);
  return async (method, path) => find(method, path);
}

interface Compiled<D extends EdgeDeps> {
  readonly route: Route<D>;
  readonly segments: readonly string[];
}

const isParameter = (segment: string) => segment.startsWith('{');

/** Finds the route of a path; 404 for an unknown path, 405 with the methods that exist for a known one. */
export function routerOf<D extends EdgeDeps>(routes: readonly Route<D>[]) {
  const compiled = routes
    .map((route): Compiled<D> => ({ route, segments: route.path.split('/') }))
    .sort((a, b) => compareSegments(a.segments, b.segments));

  return (method: string, path: string): Match<D> => {
    const segments = path.split('/');
    const allowed = new Set<Method>();
    for (const candidate of compiled) {
      const params = paramsOf(candidate.segments, segments);
      if (params === undefined) continue;
      if (candidate.route.method === method) return { route: candidate.route, params };
      allowed.add(candidate.route.method);
    }
    if (allowed.size === 0) throw new NotFound('ROUTE_NOT_FOUND', 'This path');
    throw new Refused('METHOD_NOT_ALLOWED', `${method} is not possible here.`, {
      suggestion: `Use ${[...allowed].join(' or ')}.`,
      facts: { allow: [...allowed].join(', ') },
    });
  };
}

/** Fixed segments before parameters, so that `/deployments/compare` is not the id `compare`. */
function compareSegments(a: readonly string[], b: readonly string[]): number {
  for (const [i, segment] of a.entries()) {
    const difference = Number(isParameter(segment)) - Number(isParameter(b[i] ?? ''));
    if (difference !== 0) return difference;
  }
  return 0;
}

function paramsOf(
  template: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (template.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, expected] of template.entries()) {
    const given = segments[i] ?? '';
    if (!isParameter(expected)) {
      if (expected !== given) return undefined;
    } else {
      const value = decoded(given);
      if (value === undefined || value === '') return undefined;
      params[expected.slice(1, -1)] = value;
    }
  }
  return params;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
