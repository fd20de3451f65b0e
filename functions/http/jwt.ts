import { oidcIssuers } from '../../shared/contracts/oidc.ts';
import type { Actor } from '../../shared/domain/access.ts';
import type { Clock } from '../../shared/platform/clock.ts';

/**
 * The verifier for the setting OIDC_ISSUERS; undefined where no issuer is configured, so that its code is
 * evaluated only where somebody uses it, at the first JWT.
 */
export function jwtVerifierFor(
  setting: string,
  clock: Clock,
): ((token: string) => Promise<Actor>) | undefined {
  const issuers = oidcIssuers.parse(JSON.parse(setting));
  if (issuers.length === 0) return undefined;
  let verifier: Promise<(token: string) => Promise<Actor>> | undefined;
  return async (token) => {
    verifier ??= import('./oidc.ts').then(({ jwtVerifier }) => jwtVerifier(issuers, clock));
    return (await verifier)(token);
  };
}
