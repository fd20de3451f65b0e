import { STEP_CONTRACT } from '../../shared/contracts/step-contract.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import { dropAnswer, resendAnswer } from '../../shared/store/task-tokens.ts';
import type { UnsentAnswer } from '../../shared/store/work.ts';
import type { SweepDeps } from './deps.ts';

/**
 * Sends an answer that whoever wrote it did not send. Where the engine knows no token of the stage, a newer token may
 * still come; only an execution that runs no more is settled.
 */
export async function resend(deps: SweepDeps, { deploymentId, stage, round }: UnsentAnswer): Promise<void> {
  const { store } = deps.sockets;
  const deployment = await getDeployment(store, deploymentId);
  if (deployment === undefined || isTerminal(deployment.status)) {
    await dropAnswer(store, deploymentId, stage, round);
    return;
  }
  if ((await resendAnswer(store, deps.machine, deploymentId, stage, round)) !== 'unsent') return;
  const { executionArn } = deployment;
  if (executionArn === undefined || (await deps.machine.state(executionArn)) === 'running') return;
  await deps.functions.send(deps.stepsFunction, {
    op: 'reap',
    contract: STEP_CONTRACT,
    deploymentId,
    reason: 'execution-ended',
  });
}
