import { approvalDigest } from '../../../shared/domain/approval-digest.ts';
import { type Approval, decideApproval, type Vote } from '../../../shared/domain/approvals.ts';
import { buildSnapshot } from '../../../shared/domain/snapshot.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { requestCancel } from '../../../shared/store/deployments.ts';
import { getToken } from '../../../shared/store/tokens.ts';
import { type GateRule, type GateVerdict, PASS } from './rule.ts';

/**
 * Enough people have agreed to exactly what would be deployed now (rule 11). A rollback goes back to what has lived
 * here before and asks nobody.
 */
export const approval: GateRule = async (deps, facts): Promise<GateVerdict> => {
  const { deployment, environment, project, version, source } = facts;
  if (deployment.type === 'rollback' || environment.approvals === undefined) return PASS;
  const snapshot = buildSnapshot(project, version, environment, deployment.overrides, false);
  const now = deps.store.clock.now();
  const verdict = decideApproval({
    rule: environment.approvals,
    deployment,
    digest: approvalDigest(deployment, source, snapshot),
    now,
    voters: await votersNow(deps.store, deployment.approval?.given ?? [], now),
  });
  switch (verdict.kind) {
    case 'pass':
      return PASS;
    case 'wait':
      return waiting(verdict.approval, verdict.missing);
    case 'ask': {
      if (verdict.voided > 0) await deps.say(deployment.id, 'gate', 'warn', voidedWords(verdict.voided));
      // The record shows what is asked for: the snapshot that the digest stands for.
      return {
        ...waiting(verdict.approval, verdict.approval.required),
        changes: { approval: verdict.approval, snapshot },
      };
    }
    case 'expired':
      await requestCancel(deps.store, deployment.id, {
        by: 'slipway',
        reason: `not approved by ${verdict.approval.expiresAt}`,
        code: 'EXPIRED',
      });
      return { kind: 'again' };
  }
};

function waiting({ required, groups, expiresAt }: Approval, missing: number) {
  const whose = groups === undefined ? '' : ` of ${groups.join(', ')}`;
  const note = `waiting for ${missing} of ${required} approvals${whose}`;
  return { kind: 'wait', status: 'awaiting-approval', note, until: Date.parse(expiresAt) } as const;
}

const voidedWords = (votes: number) =>
  `What would be deployed has changed: ${votes === 1 ? 'the approval given is void' : `the ${votes} approvals given are void`}, and it is asked for again.`;

/** What the voters may do today. Who came by the word of an issuer has nothing here that could be taken away. */
async function votersNow(
  store: StoreContext,
  votes: readonly Vote[],
  now: number,
): Promise<ReadonlyMap<string, Vote['voter']>> {
  const found = new Map<string, Vote['voter']>();
  for (const { voter } of votes) {
    if (!voter.tokenId.startsWith('tok_')) {
      found.set(voter.tokenId, voter);
      continue;
    }
    const token = await getToken(store, voter.tokenId);
    const over = token?.expiresAt !== undefined && Date.parse(token.expiresAt) <= now;
    if (token !== undefined && !over) found.set(token.id, { tokenId: token.id, ...token });
  }
  return found;
}
