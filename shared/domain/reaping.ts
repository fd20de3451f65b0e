import { type ResolvedTimeouts, resolveTimeouts } from './deadlines.ts';
import { deploymentError } from './deployment-errors.ts';
import type { Deployment, DeploymentError } from './records.ts';
import { isTerminal } from './status.ts';
import { presentHook } from './strategy.ts';

/** Why a settlement is asked for from outside the machine; the names of the contract. */
export type ReapReason =
  | 'execution-ended'
  | 'stage-deadline'
  | 'total-deadline'
  | 'claim-deadline'
  | 'runner-lost'
  | 'settling'
  | 'cancel'
  | 'cancel-deadline';

/** The deadline that has passed, the gravest first; undefined while none has. */
export function passedDeadline(record: Deployment, now: number): ReapReason | undefined {
  if (isTerminal(record.status)) return record.draining ? 'settling' : undefined;
  if (record.settling !== undefined) return 'settling';
  const { total, claim, stage, cancel } = record.deadlines;
  if (cancel !== undefined && cancel <= now) return 'cancel-deadline';
  if (total !== undefined && total <= now) return 'total-deadline';
  if (claim !== undefined && claim <= now) return 'claim-deadline';
  if (stage !== undefined && stage <= now) return 'stage-deadline';
  return undefined;
}

/** Does what somebody saw a moment ago still hold, on the record as it is now? */
export function stillHolds(record: Deployment, reason: ReapReason, now: number): boolean {
  if (isTerminal(record.status)) return record.draining === true;
  if (record.settling !== undefined) return true;
  const { total, claim, stage, heartbeat, cancel } = record.deadlines;
  switch (reason) {
    case 'execution-ended':
      return true;
    case 'settling':
      return false;
    case 'total-deadline':
      return total !== undefined && total <= now;
    case 'claim-deadline':
      return claim !== undefined && claim <= now;
    case 'runner-lost':
      return heartbeat !== undefined && heartbeat <= now;
    case 'stage-deadline':
      return stage !== undefined && stage <= now;
    case 'cancel':
      return record.cancelRequested !== undefined;
    case 'cancel-deadline':
      return cancel !== undefined && cancel <= now;
  }
}

/**
 * The failure that the reason stands for; undefined where the reason itself is none, or where somebody canceled
 * before: whatever breaks or runs out after that is a consequence.
 */
export function failureFor(record: Deployment, reason: ReapReason): DeploymentError | undefined {
  if (record.cancelRequested !== undefined) return undefined;
  const { stage } = record;
  const seconds = resolveTimeouts(record.snapshot.timeouts);
  switch (reason) {
    case 'settling':
    case 'cancel':
    case 'cancel-deadline':
      return undefined;
    case 'execution-ended':
      return deploymentError({
        code: 'INTERNAL',
        stage,
        message: `The execution ended in the ${stage} stage: it was stopped, or it broke.`,
        suggestion: 'Deploy again; if nobody stopped the execution, look at its history.',
      });
    case 'total-deadline':
      return deploymentError({
        code: 'TIMEOUT',
        stage,
        message: `The deployment was not done within ${seconds.deploymentSeconds} s; it was in the ${stage} stage.`,
      });
    case 'stage-deadline':
      return deploymentError({
        code: 'TIMEOUT',
        stage,
        message: stageTimeout(record, seconds),
      });
    case 'claim-deadline':
      return deploymentError({
        code: 'TIMEOUT',
        stage,
        message: `No runner took the job within ${seconds.claimSeconds} s.`,
        suggestion: 'Start a runner that serves this project and environment, then deploy again.',
      });
    case 'runner-lost':
      return deploymentError({
        code: 'RUNNER_LOST',
        stage,
        message: `Runner ${record.runner ?? 'unknown'} was not heard of for ${seconds.heartbeatSeconds} s (heartbeat).`,
      });
  }
}

function stageTimeout(record: Deployment, seconds: ResolvedTimeouts): string {
  const { stage, stages } = record;
  const status = stages.find(({ name }) => name === stage)?.status;
  if (status === 'succeeded' || status === 'skipped')
    return `The state machine did not go on after the ${stage} stage.`;
  const hook = presentHook(record);
  if (hook !== undefined) return `The post hook ${hook.name} was not heard of in its time.`;
  // A settlement has its own end; it is never reaped for its stage.
  return stage === 'settle'
    ? 'It was not settled in time.'
    : `The ${stage} stage did not end within ${seconds[`${stage}Seconds`]} s.`;
}
