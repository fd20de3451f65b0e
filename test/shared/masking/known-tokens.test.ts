import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskKnownTokens } from '../../../shared/masking/known-tokens.ts';

/** Made here, so that no scanner takes a test for a leak. */
const letters = (count: number) => 'aB3dE5gH7jK9'.repeat(Math.ceil(count / 12)).slice(0, count);
const capitals = (count: number) => 'QWERTY234567'.repeat(Math.ceil(count / 12)).slice(0, count);
const jwt = `eyJ${letters(20)}.eyJ${letters(30)}.${letters(43)}`;

const one = (line: string) => maskKnownTokens([line]).lines[0];

describe('a token is masked by its form', () => {
  test.each<[string, string]>([
    ['Slipway API token', `slp_${capitals(26)}_${letters(43)}`],
    ['Slipway job token', `slj_${letters(43)}`],
    ['AWS access key id', `AKIA${capitals(16)}`],
    ['AWS temporary key id', `ASIA${capitals(16)}`],
    ['GitHub token', `ghp_${letters(36)}`],
    ['GitHub app token', `ghs_${letters(36)}`],
    ['GitHub fine-grained token', `github_pat_${letters(22)}_${letters(59)}`],
    ['GitLab token', `glpat-${letters(20)}`],
    ['GitLab routable token', `glpat-${letters(27)}.01.${letters(9)}`],
    ['npm token', `npm_${letters(36)}`],
    ['PyPI token', `pypi-${letters(60)}`],
    ['Slack bot token', `xoxb-${letters(24)}`],
    ['Slack app token', `xapp-1-${letters(24)}`],
    ['Stripe key', `sk_live_${letters(24)}`],
    ['Stripe restricted key', `rk_test_${letters(24)}`],
    ['webhook secret', `whsec_${letters(32)}`],
    ['SendGrid key', `SG.${letters(22)}.${letters(43)}`],
    ['Google key', `AIza${letters(35)}`],
    ['JSON Web Token', jwt],
    ['JSON Web Token without a signature', `eyJ${letters(20)}.eyJ${letters(30)}.`],
  ])('%s', (_what, token) => {
    expect(one(`TOKEN=${token}, then`)).toBe('TOKEN=***, then');
    expect(one(`"${token}"`)).toBe('"***"');
    expect(one(token)).toBe('***');
  });

  test.each<[string, string]>([
    [`aws_secret_access_key = ${letters(40)}`, 'aws_secret_access_key = ***'],
    [`AWS_SECRET_ACCESS_KEY=${letters(40)}`, 'AWS_SECRET_ACCESS_KEY=***'],
    [
      `"SecretAccessKey": x, "awsSessionToken": "${letters(100)}"`,
      '"SecretAccessKey": x, "awsSessionToken": "***"',
    ],
    [`https://hooks.slack.com/services/T000/B000/${letters(24)}`, 'https://hooks.slack.com/services/***'],
    ['> Authorization: Basic dXNlcjpwYXNz', '> Authorization: Basic ***'],
    [`authorization: Bearer ${letters(20)}`, 'authorization: Bearer ***'],
    ['postgres://app:hunter2@db.internal:5432/app', 'postgres://app:***@db.internal:5432/app'],
    [
      'mongodb+srv://app:p%40ss@cluster/x and redis://:hunter2@cache',
      'mongodb+srv://app:***@cluster/x and redis://:***@cache',
    ],
    [
      `git clone https://x-access-token:${letters(30)}@github.com/a/b`,
      'git clone https://x-access-token:***@github.com/a/b',
    ],
  ])('%s', (line, shown) => {
    expect(one(line)).toBe(shown);
  });

  test('several in one line', () => {
    expect(one(`${jwt} ghp_${letters(36)} ${jwt}`)).toBe('*** *** ***');
  });
});

describe('an ordinary line stays as it is', () => {
  test.each([
    'npm http fetch GET 200 https://packages.npm.local/@babel%2fcore 123ms (cache miss)',
    'npm error integrity sha512-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/==',
    'commit 0123456789abcdef0123456789abcdef01234567',
    'listening on http://localhost:3000/@scope/package',
    'see https://user@example.com/a:b@c',
    'added 1234 packages in 3s',
    '\u001b[32m✓\u001b[39m 34 modules transformed.',
    'dist/assets/index-BZ8c0Xy4.js   143.41 kB │ gzip: 46.11 kB',
    'npm_config_registry=https://packages.npm.local/',
    'slp_short eyJhbGciOi AKIA123 ghp_short sk_live_1',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----',
    '',
  ])('%j', (line) => {
    expect(one(line)).toBe(line);
  });
});

describe('a private key', () => {
  const key = ['-----BEGIN RSA PRIVATE KEY-----', letters(64), letters(20), '-----END RSA PRIVATE KEY-----'];

  test('is masked over its lines, and nothing after it', () => {
    const [first = '', second = '', third = '', last = ''] = key;
    const { lines, keyLinesLeft } = maskKnownTokens([`key: ${first}`, second, third, `${last} done`, 'next']);
    expect(lines).toEqual(['key: ***', '***', '***', '*** done', 'next']);
    expect(keyLinesLeft).toEqual([249, 248, 247, 0, 0]);
  });

  test('is masked on one line with \\n between', () => {
    expect(one(`KEY="${key.join('\\n')}" next`)).toBe('KEY="***" next');
  });

  test('that goes on in the next batch is masked there, where the caller says so', () => {
    const first = maskKnownTokens(key.slice(0, 2));
    expect(first).toEqual({ lines: ['***', '***'], keyLinesLeft: [249, 248] });
    expect(maskKnownTokens([...key.slice(2), 'next'], first.keyLinesLeft.at(-1))).toEqual({
      lines: ['***', '***', 'next'],
      keyLinesLeft: [247, 0, 0],
    });
  });

  test('without an end hides 250 lines and no more', () => {
    const { lines } = maskKnownTokens([key[0] ?? '', ...Array.from({ length: 300 }, () => 'text')]);
    expect(lines.filter((line) => line === '***')).toHaveLength(250);
    expect(lines.at(-1)).toBe('text');
  });

  test('without an end hides no more in batches of a line each', () => {
    let left = 0;
    const hidden = [key[0] ?? '', ...Array.from({ length: 300 }, () => 'text')].filter((line) => {
      const { lines, keyLinesLeft } = maskKnownTokens([line], left);
      left = keyLinesLeft[0] ?? 0;
      return lines[0] === '***';
    });
    expect(hidden).toHaveLength(250);
  });
});

test('there are as many lines afterwards as before, and masking twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (lines) => {
      const once = maskKnownTokens(lines).lines;
      expect(once).toHaveLength(lines.length);
      expect(maskKnownTokens(once).lines).toEqual(once);
    }),
  );
});

test.each([
  ['eyJ-', 'eyJ-'],
  ['eyJa.', 'eyJa.'],
  ['a://', 'a://'],
  ['a:', 'postgres://a:'],
  ['aws_secret_access_key=', 'aws_secret_access_key='],
  ['-----BEGIN ', '-----BEGIN '],
  ['ghp_', 'ghp_'],
])('64 KB of %s take less than a second', (_what, unit) => {
  const line = unit.repeat(Math.ceil(65_536 / unit.length));
  const before = process.cpuUsage().user;
  one(line);
  expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
});
