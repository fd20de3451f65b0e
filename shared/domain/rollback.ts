import type { FieldIssue } from '../errors/requests.ts';
import { contentKeyOf } from './blocked.ts';
import type { Deployment, Project, Slot } from './records.ts';
import { isTerminal } from './status.ts';

/** What is known when somebody asks to go back. */
export interface RollbackFacts {
  readonly project: Pick<Project, 'name' | 'target' | 'lifecycle'>;
  readonly slot: Pick<Slot, 'active'>;
  /** The deployment that the request names: the one to leave. */
  readonly left: Deployment;
  /** The one to go back to; undefined where none was named and there is none. */
  readonly target: Deployment | undefined;
  /** Are the bytes of the target's artifact still there? */
  readonly artifactThere: boolean;
  /** Id of a rollback of this environment that has not ended. */
  readonly open?: string | undefined;
  /** Leave a deployment that is not the live one: somebody knows better than the record what is served. */
  readonly force: boolean;
}

export interface Ineligible {
  readonly issues: readonly [FieldIssue, ...FieldIssue[]];
  /** What to do instead: of the gravest reason. */
  readonly suggestion: string;
  /** The rollback that is open already. */
  readonly openId?: string | undefined;
}

interface Reason extends FieldIssue {
  readonly suggestion: string;
}

/** Why this rollback cannot be, every reason, the gravest first; undefined where it can. */
export function whyNoRollback(facts: RollbackFacts): Ineligible | undefined {
  const [first, ...others] = [
    alreadyOpen(facts),
    archived(facts),
    notLive(facts),
    ...(facts.target === undefined ? [nothingEarlier(facts)] : targetReasons(facts, facts.target)),
  ].filter((reason) => reason !== undefined);
  if (first === undefined) return undefined;
  return {
    issues: [issueOf(first), ...others.map(issueOf)],
    suggestion: first.suggestion,
    openId: facts.open,
  };
}

const issueOf = ({ field, code, message }: Reason): FieldIssue => ({ field, code, message });

const LEFT = '/deploymentId';
const TARGET = '/targetDeploymentId';

function alreadyOpen({ open, left }: RollbackFacts): Reason | undefined {
  if (open === undefined) return undefined;
  return {
    field: LEFT,
    code: 'ROLLBACK_OPEN',
    message: `rollback ${open} of ${left.environment} has not ended`,
    suggestion: `Wait for the end of ${open}, or cancel it.`,
  };
}

function archived({ project }: RollbackFacts): Reason | undefined {
  if (project.lifecycle !== 'archived') return undefined;
  return {
    field: LEFT,
    code: 'PROJECT_ARCHIVED',
    message: `project ${project.name} is archived`,
    suggestion: 'Take the project out of the archive first.',
  };
}

function notLive({ slot, left, force }: RollbackFacts): Reason | undefined {
  if (!isTerminal(left.status)) {
    return {
      field: LEFT,
      code: 'NOT_ENDED',
      message: `${left.id} has not ended, so it is not live`,
      suggestion: `Cancel it instead: that switches ${left.environment} back where it was switched.`,
    };
  }
  if (force || slot.active === left.id) return undefined;
  return {
    field: LEFT,
    code: 'NOT_LIVE',
    message: `${left.environment} serves ${slot.active ?? 'nothing of ours'}, not ${left.id}`,
    suggestion:
      slot.active === undefined
        ? 'Name the deployment to go back to and set force.'
        : `Roll back ${slot.active}, with targetDeploymentId if a certain one is wanted.`,
  };
}

const nothingEarlier = ({ left }: RollbackFacts): Reason => ({
  field: TARGET,
  code: 'NOTHING_EARLIER',
  message: `no earlier deployment of ${left.environment} succeeded that could be gone back to`,
  suggestion: 'Deploy a version that works.',
});

function targetReasons(facts: RollbackFacts, target: Deployment): (Reason | undefined)[] {
  const { project, slot, artifactThere } = facts;
  const { id, artifact, snapshot } = target;
  const another = 'Choose another one that succeeded here (slipway list --status succeeded).';
  const reason = (code: string, message: string, suggestion = another): Reason => ({
    field: TARGET,
    code,
    message,
    suggestion,
  });
  return [
    target.status === 'succeeded'
      ? undefined
      : reason('NOT_SUCCEEDED', `${id} has not succeeded: it is ${target.status}`),
    slot.active === id
      ? reason('ALREADY_LIVE', `${id} is live already`, 'Nothing to do, or choose an earlier one.')
      : undefined,
    artifact !== undefined && artifactThere
      ? undefined
      : reason('ARTIFACT_GONE', `the artifact of ${id} is not kept any more`),
    snapshot.target.kind === project.target.kind
      ? undefined
      : reason(
          'TARGET_CHANGED',
          `${id} was released to a ${snapshot.target.kind}, the project now has a ${project.target.kind}`,
        ),
  ];
}

/**
 * Is this one to be passed over when nobody named a target? The version that went wrong is never gone back to by
 * itself, not even where it was live in an earlier deployment; then its own previous good one is looked at.
 */
export function isPassedOver(
  candidate: Deployment,
  { active, blocked = [] }: Pick<Slot, 'active' | 'blocked'>,
) {
  const key = contentKeyOf(candidate.source);
  return (
    candidate.id === active ||
    candidate.status !== 'succeeded' ||
    candidate.releaseState === 'rolled-back' ||
    blocked.some((entry) => entry.key === key)
  );
}
