import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Approval,
  type ApprovalRule,
  decideApproval,
  type Vote,
} from '../../../shared/domain/approvals.ts';

const NOW = Date.parse('2026-01-05T09:00:00.000Z');
const rule: ApprovalRule = { required: 2, allowSelf: false, expiresInSeconds: 3600 };
const trigger = { kind: 'api', actor: 'ada' } as const;
const place = { projectId: 'prj_shop', environment: 'production' };

const voter = (tokenId: string, groups: readonly string[] = []): Vote['voter'] => ({
  tokenId,
  groups,
  grants: [{ role: 'approver' }],
});
const vote = (by: string, groups: readonly string[] = []): Vote => ({
  by,
  at: '2026-01-05T09:01:00.000Z',
  voter: voter(`tok_${by}`, groups),
});
const approval = (given: readonly Vote[], extra: Partial<Approval> = {}): Approval => ({
  required: 2,
  allowSelf: false,
  digest: 'now',
  requestedAt: '2026-01-05T08:59:00.000Z',
  expiresAt: '2026-01-05T10:00:00.000Z',
  given,
  ...extra,
});

function verdict(given: {
  rule?: ApprovalRule | undefined;
  approval?: Approval;
  digest?: string;
  now?: number;
  without?: readonly string[];
}) {
  const votes = given.approval?.given ?? [];
  const still = votes.filter(({ by }) => !given.without?.includes(by));
  return decideApproval({
    rule: 'rule' in given ? given.rule : rule,
    deployment: { ...place, trigger, approval: given.approval },
    digest: given.digest ?? 'now',
    now: given.now ?? NOW,
    voters: new Map(still.map((one) => [one.voter.tokenId, one.voter])),
  });
}

describe('an approval', () => {
  test('is not needed where the environment asks for none', () => {
    expect(verdict({ rule: undefined })).toEqual({ kind: 'pass' });
  });

  test('is asked for of the digest, until it expires', () => {
    expect(verdict({})).toMatchObject({
      kind: 'ask',
      voided: 0,
      approval: { required: 2, digest: 'now', expiresAt: '2026-01-05T10:00:00.000Z', given: [] },
    });
  });

  test('is void when what it covers has changed', () => {
    const given = approval([vote('ben'), vote('cleo')]);
    expect(verdict({ approval: given, digest: 'other' })).toMatchObject({
      kind: 'ask',
      voided: 2,
      approval: { digest: 'other', given: [] },
    });
  });

  test.each([
    ['one of two', approval([vote('ben')]), 1],
    ['both', approval([vote('ben'), vote('cleo')]), 0],
    ['somebody of one\u2019s own', approval([vote('ada'), vote('cleo')]), 1],
  ])('with %s misses %#', (_, given, missing) => {
    expect(verdict({ approval: given })).toMatchObject(
      missing === 0 ? { kind: 'pass' } : { kind: 'wait', missing },
    );
  });

  test('counts whoever started it only where the environment says so', () => {
    const given = approval([vote('ada'), vote('cleo')]);
    expect(verdict({ approval: given, rule: { ...rule, allowSelf: true } })).toEqual({ kind: 'pass' });
  });

  test('counts members of the groups only', () => {
    const grouped = { ...rule, groups: ['ops'] };
    const given = approval([vote('ben', ['ops']), vote('cleo', ['web'])]);
    expect(verdict({ approval: given, rule: grouped })).toMatchObject({ kind: 'wait', missing: 1 });
    const both = approval([vote('ben', ['ops']), vote('cleo', ['web', 'ops'])]);
    expect(verdict({ approval: both, rule: grouped })).toEqual({ kind: 'pass' });
  });

  test('no longer counts a vote whose token was taken away', () => {
    const given = approval([vote('ben'), vote('cleo')]);
    expect(verdict({ approval: given, without: ['cleo'] })).toMatchObject({ kind: 'wait', missing: 1 });
  });

  test('expires only while votes are missing', () => {
    const late = NOW + 3_600_000;
    expect(verdict({ approval: approval([vote('ben')]), now: late }).kind).toBe('expired');
    expect(verdict({ approval: approval([vote('ben'), vote('cleo')]), now: late }).kind).toBe('pass');
  });

  test('never passes with fewer people than the rule asks for', () => {
    const people = fc.uniqueArray(fc.constantFrom('ada', 'ben', 'cleo', 'dan', 'eve'));
    const required = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(people, required, fc.boolean(), (names, needed, allowSelf) => {
        const given = approval(names.map((name) => vote(name)));
        const { kind } = verdict({ approval: given, rule: { ...rule, required: needed, allowSelf } });
        const good = names.filter((name) => allowSelf || name !== 'ada').length;
        expect(kind).toBe(good >= needed ? 'pass' : 'wait');
      }),
    );
  });
});
