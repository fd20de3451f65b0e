import { type Actor, may, type Role, seesProject } from '../../shared/domain/access.ts';
import { environmentNotFound, projectNotFound } from '../../shared/errors/not-found.ts';
import { type NotFound, PermissionDenied, Unauthenticated } from '../../shared/errors/requests.ts';
import { verifyToken } from '../../shared/store/tokens.ts';
import type { Headers } from './request.ts';
import type { Auth, EdgeDeps } from './route.ts';

/** Where a role has to count; absent parts mean the whole installation or the whole project. */
export interface Place {
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * The bearer token of the request.
 * @throws Unauthenticated where there is none.
 */
export function bearerOf(headers: Headers): string {
  const match = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '');
  if (match?.[1] === undefined) {
    throw new Unauthenticated('The request carries no token.', {
      suggestion: 'Send Authorization: Bearer <token>.',
    });
  }
  return match[1];
}

/** Who is calling: the holder of an API or runner token, or of a JWT where issuers are configured. */
export async function authenticate(deps: EdgeDeps, headers: Headers): Promise<Actor> {
  const bearer = bearerOf(headers);
  const looksLikeJwt = bearer.split('.').length === 3;
  return looksLikeJwt && deps.verifyJwt !== undefined
    ? deps.verifyJwt(bearer)
    : verifyToken(deps.store, bearer);
}

/**
 * Holds a route's `auth` against the actor. Runner tokens open runner routes and nothing else.
 * @throws NotFound where the actor may not even see the place; PermissionDenied where it may see but not do.
 */
export function authorize(actor: Actor, auth: Exclude<Auth, 'public' | 'own'>, place: Place): void {
  if ((auth === 'runner') !== (actor.kind === 'runner')) {
    throw new PermissionDenied(
      actor.kind === 'runner'
        ? 'A runner token can only claim work and report on it.'
        : 'This is for runners; the token is not a runner token.',
    );
  }
  if (typeof auth === 'object') requireRole(actor, auth.role, place);
}

/** The check of `authorize` for handlers that know the place only after a read (a deployment's id, say). */
export function requireRole(actor: Actor, role: Role, place: Place, unseen?: NotFound): void {
  if (!sees(actor, place)) throw unseen ?? notFoundAt(actor, place);
  const viewing = role === 'viewer' && place.projectId !== undefined;
  if (viewing || may(actor, role, exact(place))) return;
  throw new PermissionDenied(`This needs the role ${role}${where(place)}.`, {
    suggestion: 'Ask an admin for a token with that role.',
    facts: { role },
  });
}

/** May the actor know that the place exists? */
export function sees(actor: Actor, place: Place): boolean {
  if (place.projectId === undefined) return true;
  if (place.environment === undefined) return seesProject(actor, place.projectId);
  return may(actor, 'viewer', exact(place));
}

/** As where it is missing: the project counts first, as its absence would. */
function notFoundAt(actor: Actor, { projectId = '', environment }: Place): NotFound {
  return environment === undefined || !seesProject(actor, projectId)
    ? projectNotFound(projectId)
    : environmentNotFound(environment);
}

const exact = (place: Place): { projectId?: string; environment?: string } => ({
  ...(place.projectId === undefined ? {} : { projectId: place.projectId }),
  ...(place.environment === undefined ? {} : { environment: place.environment }),
});

function where(place: Place): string {
  if (place.environment !== undefined) return ` in the environment ${place.environment}`;
  return place.projectId === undefined ? ' for the whole installation' : ` in the project ${place.projectId}`;
}
