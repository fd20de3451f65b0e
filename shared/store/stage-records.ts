import { addCost } from '../domain/cost.ts';
import type { Deployment, StageRecord } from '../domain/records.ts';
import { isTerminal, type Stage, type StageOrSettle } from '../domain/status.ts';
import { FenceLost } from '../errors/deployments.ts';
import type { DeploymentChanges } from './deployment-changes.ts';

/** How the machine got into a state: orders tokens, counts transitions. */
export interface Entry {
  readonly executionArn: string;
  /** ISO time at which the state was entered; the same for each retry of the state. */
  readonly enteredAt: string;
}

/** Counts a state that was entered, each entry once however often its function runs. */
export function counted(deployment: Deployment, state: StageOrSettle, entry: Entry): DeploymentChanges {
  if (deployment.entered[state] === entry.enteredAt) return {};
  return {
    entered: { ...deployment.entered, [state]: entry.enteredAt },
    cost: addCost(deployment.cost, { transitions: 1 + choicesBefore(deployment, state) }),
  };
}

/** Behind each round of the activation the machine passes a Choice, which no function sees. */
function choicesBefore(deployment: Deployment, state: StageOrSettle): number {
  const behindRound =
    (state === 'activate' && deployment.activation !== undefined) ||
    (state === 'settle' && stageDone(deployment, 'activate'));
  return behindRound ? 1 : 0;
}

/** Changes one stage's record, keeping the others and their order. */
export function withStage(
  deployment: Deployment,
  name: StageOrSettle,
  change: (record: StageRecord) => StageRecord,
): readonly StageRecord[] {
  const present = deployment.stages.find((record) => record.name === name);
  const next = change(present ?? { name, status: 'pending', attempts: 0 });
  return present === undefined
    ? [...deployment.stages, next]
    : deployment.stages.map((record) => (record === present ? next : record));
}

export const stageOf = (deployment: Deployment, name: StageOrSettle): StageRecord | undefined =>
  deployment.stages.find((record) => record.name === name);

/** Has this stage done its work (or said that there was none)? A repeated state then only repeats its answer. */
export function stageDone(deployment: Deployment, name: Stage): boolean {
  const status = stageOf(deployment, name)?.status;
  return status === 'succeeded' || status === 'skipped';
}

export const isEnding = ({ settling, cancelRequested }: Deployment) =>
  settling !== undefined || cancelRequested !== undefined;

/** @throws FenceLost where the deployment is ending */
export function assertGoingOn(deployment: Deployment): void {
  if (!isTerminal(deployment.status) && !isEnding(deployment)) return;
  throw new FenceLost(`Deployment ${deployment.id} is ending; nothing new begins.`, {
    facts: { deploymentId: deployment.id, status: deployment.status },
  });
}

/** The runs of hooks as a change of the record; nothing where none are to be written. */
export const withHooks = (hooks: Deployment['hooks']) => (hooks === undefined ? {} : { hooks });
