import { type CryptoKey, createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { jwtVerifier } from '../../../functions/http/oidc.ts';
import { type OidcIssuer, oidcIssuers } from '../../../shared/contracts/oidc.ts';
import { accessByClaims } from '../../../shared/domain/claims.ts';
import { Unauthenticated } from '../../../shared/errors/requests.ts';
import { testClock } from '../../support/store.ts';

const ISSUER = 'https://issuer.example';
const clock = testClock();
const issuer: OidcIssuer = {
  issuer: ISSUER,
  audience: 'slipway',
  rules: [
    {
      claims: { repository: 'team/app', ref: 'refs/heads/*' },
      grants: [{ role: 'deployer' }],
      groups: ['ci'],
    },
    { claims: { repository: 'team/*' }, grants: [{ role: 'viewer' }], groups: ['ci', 'team'] },
  ],
};

let privateKey: CryptoKey;
let strangersKey: CryptoKey;
let verify: ReturnType<typeof jwtVerifier>;

beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  privateKey = pair.privateKey;
  strangersKey = (await generateKeyPair('RS256')).privateKey;
  const keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }],
  });
  verify = jwtVerifier([issuer], clock, () => keys);
});

function token(
  claims: Record<string, unknown>,
  options: { key?: CryptoKey; seconds?: number; issuer?: string } = {},
) {
  const now = Math.floor(clock.now() / 1000);
  return new SignJWT({ sub: 'repo:team/app', aud: 'slipway', ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(options.issuer ?? ISSUER)
    .setIssuedAt(now)
    .setExpirationTime(now + (options.seconds ?? 600))
    .sign(options.key ?? privateKey);
}

test('a JWT of a configured issuer acts with the grants and groups of every rule it fulfils', async () => {
  const actor = await verify(await token({ repository: 'team/app', ref: 'refs/heads/main' }));
  expect(actor).toMatchObject({
    kind: 'api',
    subject: `${ISSUER}#repo:team/app`,
    grants: [{ role: 'deployer' }, { role: 'viewer' }],
    groups: ['ci', 'team'],
  });
});

describe('a JWT is refused', () => {
  const claims = { repository: 'team/app', ref: 'refs/heads/main' };
  test.each<[string, () => Promise<string>]>([
    ['that fulfils no rule', () => token({ repository: 'other/app' })],
    ['without the claim of any rule', () => token({})],
    ['of another issuer', () => token(claims, { issuer: 'https://evil.example' })],
    ['for another audience', () => token({ ...claims, aud: 'other' })],
    ['signed by somebody else', () => token(claims, { key: strangersKey })],
    ['that has expired', () => token(claims, { seconds: -60 })],
    ['that is no JWT', async () => 'a.b.c'],
    [
      'that is not signed',
      async () => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
        return `${part({ alg: 'none' })}.${part({ ...claims, iss: ISSUER, aud: 'slipway', sub: 'x', exp: 9e9 })}.`;
      },
    ],
    [
      'signed with the public key as a shared secret',
      () =>
        new SignJWT({ ...claims, sub: 'x', aud: 'slipway', iss: ISSUER, exp: 9e9 })
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .sign(new TextEncoder().encode('public')),
    ],
  ])('%s', async (_, make) => {
    await expect(verify(await make())).rejects.toBeInstanceOf(Unauthenticated);
  });
});

describe('a rule', () => {
  const access = (claims: Record<string, string>, given: Record<string, unknown>) =>
    accessByClaims([{ claims, grants: [{ role: 'viewer' }], groups: [] }], given).grants.length > 0;

  test.each([
    [{ a: 'x*z' }, { a: 'xyz' }, true],
    [{ a: 'x*z' }, { a: 'xz' }, true],
    [{ a: 'x*xz' }, { a: 'xz' }, false],
    [{ a: '*' }, { a: '' }, true],
    [{ a: '*' }, {}, false],
    [{ a: 'a*b*c' }, { a: 'a-b-b-c' }, true],
    [{ a: 'a*b*c' }, { a: 'a-c-b' }, false],
    [{ a: 'x.z' }, { a: 'xyz' }, false],
    [{ a: 'team' }, { a: ['other', 'team'] }, true],
    [{ a: 'true' }, { a: true }, true],
    [{ a: '*' }, { a: { b: 1 } }, false],
    [{ a: 'x', b: 'y' }, { a: 'x' }, false],
    [{ toString: '*' }, {}, false],
    [{}, { a: 'x' }, false],
  ])('%o for a token with %o: %s', (claims, given, expected) => {
    expect(access(claims, given)).toBe(expected);
  });

  test('without grants, or an issuer without https, is a setting that nobody starts with', () => {
    const rule = { claims: { a: 'b' }, grants: [{ role: 'viewer' }] };
    const setting = { issuer: ISSUER, audience: 'slipway', rules: [rule] };
    expect(oidcIssuers.safeParse([setting]).success).toBe(true);
    expect(oidcIssuers.safeParse([{ ...setting, issuer: 'http://issuer.example' }]).success).toBe(false);
    expect(oidcIssuers.safeParse([{ ...setting, rules: [{ ...rule, grants: [] }] }]).success).toBe(false);
  });
});
