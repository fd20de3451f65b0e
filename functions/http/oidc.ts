import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { OidcIssuer } from '../../shared/contracts/oidc.ts';
import type { Actor } from '../../shared/domain/access.ts';
import { accessByClaims } from '../../shared/domain/claims.ts';
import { PlatformUnavailable, Unauthenticated } from '../../shared/errors/requests.ts';
import { type Clock, isoTime } from '../../shared/platform/clock.ts';

/** Signatures with a public key only: a shared secret would make every verifier an issuer. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];
/** Clocks of issuer and verifier may differ by this, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Fetching an issuer's keys, in ms; they are kept for ten minutes. */
const KEYS_DEADLINE_MS = 3000;

/** Keys of an issuer; a parameter so that tests use keys of their own. */
export type KeysOf = (issuer: OidcIssuer) => JWTVerifyGetKey;

export const remoteKeys: KeysOf = ({ issuer, jwksUrl }) =>
  createRemoteJWKSet(new URL(jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks`), {
    timeoutDuration: KEYS_DEADLINE_MS,
  });

/**
 * A verifier of JWTs of the configured issuers. The issuer is found by the unverified `iss`, but keys are only
 * ever fetched from configured ones.
 */
export function jwtVerifier(issuers: readonly OidcIssuer[], clock: Clock, keysOf: KeysOf = remoteKeys) {
  const known = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keys: keysOf(issuer) }]));

  return async (token: string): Promise<Actor> => {
    const entry = known.get(issuerOf(token));
    if (entry === undefined) throw refused('The token’s issuer is not configured here.');
    const { payload } = await verified(token, entry.issuer, entry.keys, clock);
    const { grants, groups } = accessByClaims(entry.issuer.rules, payload);
    if (payload.sub === undefined || grants.length === 0) {
      throw refused('No rule of the installation gives this token any role.');
    }
    const subject = `${entry.issuer.issuer}#${payload.sub}`;
    const expiresAt = isoTime((payload.exp ?? 0) * 1000);
    return { tokenId: `oidc:${payload.jti ?? payload.sub}`, subject, kind: 'api', grants, groups, expiresAt };
  };
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (error) {
    throw refused('The token cannot be read.', error);
  }
}

async function verified(token: string, issuer: OidcIssuer, keys: JWTVerifyGetKey, clock: Clock) {
  try {
    return await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'sub'],
    });
  } catch (error) {
    if (!isUnreachable(error)) throw refused('The token is not valid.', error);
    throw new PlatformUnavailable('The keys of the token’s issuer cannot be fetched.', {
      cause: error,
      suggestion: 'Try again in a few seconds.',
    });
  }
}

/** No answer, or one that is not a list of keys: what jose has no narrower error for comes from fetching. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return error instanceof errors.JWKSTimeout || error.code === errors.JOSEError.code;
}

const refused = (message: string, cause?: unknown) =>
  new Unauthenticated(message, {
    cause,
    suggestion: 'Ask the operator for the issuers and rules of this installation.',
  });
