import * as z from 'zod/mini';
import { grant } from './grants.ts';

const claimValue = z.string().check(z.minLength(1), z.maxLength(500));

/**
 * One issuer whose JWTs are accepted (a setting of the stack, `OIDC_ISSUERS`). A token gets the grants and
 * groups of every rule whose claims it carries; `*` in a claim stands for any characters. No rule, no access.
 */
export const oidcIssuer = z.strictObject({
  /** Exactly the token's `iss`; its keys are fetched from here and nowhere else. */
  issuer: z.string().check(z.regex(/^https:\/\/[^\s?#]+$/, 'must be an https URL')),
  audience: claimValue,
  /** Absent: `<issuer>/.well-known/jwks`. */
  jwksUrl: z.optional(z.string().check(z.regex(/^https:\/\/[^\s#]+$/, 'must be an https URL'))),
  rules: z
    .array(
      z.strictObject({
        claims: z.record(z.string(), claimValue),
        grants: z.array(grant).check(z.minLength(1), z.maxLength(20)),
        groups: z._default(z.optional(z.array(claimValue)), []),
      }),
    )
    .check(z.minLength(1)),
});
export type OidcIssuer = z.infer<typeof oidcIssuer>;

/** The setting as it stands in the environment: JSON. */
export const oidcIssuers = z.array(oidcIssuer);
