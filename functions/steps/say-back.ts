import { wentWrong } from '../../shared/domain/after-ending.ts';
import { contentKeyOf } from '../../shared/domain/blocked.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import type { Ending } from '../../shared/domain/settlement.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import type { StepsDeps } from './deps.ts';
import { ONCE } from './say.ts';

/** Says what going back means for the environment: what it serves again, and what is kept out from now on. */
export async function sayBack(deps: StepsDeps, deployment: Deployment, ending: Ending): Promise<void> {
  if (ending.releaseState === 'rolled-back') return saySwitchedBack(deps, deployment, ending);
  const { id, environment, rollback } = deployment;
  if (rollback === undefined || ending.status !== 'succeeded') return;
  const restored = `${environment} serves what ${rollback.targetDeploymentId} was, with its configuration.`;
  await deps.say(id, 'settle', 'info', `${restored} It is pinned to it.`, ONCE);
}

async function saySwitchedBack(deps: StepsDeps, deployment: Deployment, ending: Ending): Promise<void> {
  const { id, environment, previousDeploymentId, versionNumber, source } = deployment;
  const back = previousDeploymentId ?? 'nothing, as before';
  await deps.say(id, 'settle', 'warn', `Switched back: ${environment} serves ${back} again.`, ONCE);
  const served = ending.active === 'same' ? undefined : ending.active.deploymentId;
  const record = served === undefined ? undefined : await getDeployment(deps.store, served);
  if (!wentWrong({ releaseState: ending.releaseState, source }, record)) return;
  const key = contentKeyOf(source)?.slice(0, 12);
  if (key === undefined) return;
  await deps.say(
    id,
    'settle',
    'warn',
    `Version #${versionNumber} (${key}) is blocked in ${environment}: webhooks and schedules do not start it again until a newer one is live or somebody lifts it (slipway unpin).`,
    ONCE,
  );
}
