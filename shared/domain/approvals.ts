import { type Actor, may } from './access.ts';
import type { Deployment } from './records.ts';

/** What an environment asks for before anything is changed in it. */
export interface ApprovalRule {
  /** People who have to say yes, each once. */
  readonly required: number;
  /** Only members of one of these groups count; absent: everybody with the role. */
  readonly groups?: readonly string[] | undefined;
  /** May whoever started the deployment be one of them? */
  readonly allowSelf: boolean;
  readonly expiresInSeconds: number;
}

/** Who said yes, and what they could do when they did. */
export interface Vote {
  readonly by: string;
  readonly at: string;
  readonly comment?: string | undefined;
  /** With which token or by which issuer's word; looked at again when the gate passes. */
  readonly voter: Pick<Actor, 'tokenId' | 'grants' | 'groups'>;
}

/** The approval that a deployment waits for, or has. It covers what the digest stands for and nothing else. */
export interface Approval {
  readonly required: number;
  readonly groups?: readonly string[] | undefined;
  readonly allowSelf: boolean;
  readonly digest: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly given: readonly Vote[];
}

export type ApprovalVerdict =
  | { readonly kind: 'pass' }
  /** Asked for (again): what was said yes to is not what would be deployed, if `voided` is not 0. */
  | { readonly kind: 'ask'; readonly approval: Approval; readonly voided: number }
  /** `missing`: votes still to come. */
  | { readonly kind: 'wait'; readonly approval: Approval; readonly missing: number }
  | { readonly kind: 'expired'; readonly approval: Approval };

/** What the verdict rests on. */
export interface ApprovalFacts {
  /** What the environment asks for now; absent: nothing. */
  readonly rule: ApprovalRule | undefined;
  readonly deployment: Pick<Deployment, 'approval' | 'trigger' | 'projectId' | 'environment'>;
  /** Of what would be deployed now. */
  readonly digest: string;
  readonly now: number;
  /** Tokens of voters as they are now: gone or over ones are not in it. */
  readonly voters: ReadonlyMap<string, Vote['voter']>;
}

/** May the deployment go on, as far as people have to agree? Decided anew at each look of the gate. */
export function decideApproval(facts: ApprovalFacts): ApprovalVerdict {
  const { rule, deployment, digest, now } = facts;
  if (rule === undefined) return { kind: 'pass' };
  const { approval } = deployment;
  if (approval === undefined || approval.digest !== digest) {
    return { kind: 'ask', approval: asked(rule, digest, now), voided: approval?.given.length ?? 0 };
  }
  const counted = approval.given.filter((vote) => counts(facts, rule, vote));
  if (counted.length >= rule.required) return { kind: 'pass' };
  if (Date.parse(approval.expiresAt) <= now) return { kind: 'expired', approval };
  return { kind: 'wait', approval, missing: rule.required - counted.length };
}

function asked({ expiresInSeconds, ...rule }: ApprovalRule, digest: string, now: number): Approval {
  return {
    ...rule,
    digest,
    requestedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + expiresInSeconds * 1000).toISOString(),
    given: [],
  };
}

/** A vote counts while whoever gave it may still give it. */
function counts({ deployment, voters }: ApprovalFacts, rule: ApprovalRule, { by, voter }: Vote): boolean {
  const now = voters.get(voter.tokenId);
  return now !== undefined && objection(rule, deployment, { ...now, subject: by }) === undefined;
}

/** Why somebody may not approve: not the role there, not in the groups, or it is their own deployment. */
export type Objection = 'role' | 'group' | 'self';

/** Undefined where nothing speaks against it. Self-approval compares subjects, not tokens. */
export function objection(
  rule: Pick<ApprovalRule, 'groups' | 'allowSelf'>,
  { trigger, projectId, environment }: Pick<Deployment, 'trigger' | 'projectId' | 'environment'>,
  actor: Pick<Actor, 'subject' | 'grants' | 'groups'>,
): Objection | undefined {
  if (!may(actor, 'approver', { projectId, environment })) return 'role';
  if (rule.groups !== undefined && !rule.groups.some((group) => actor.groups.includes(group))) return 'group';
  return !rule.allowSelf && actor.subject === trigger.actor ? 'self' : undefined;
}
