import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { pendingRuns } from '../../shared/domain/hook-runs.ts';
import { PROGRESS } from '../../shared/domain/progress.ts';
import type { Deployment, DeploymentSource, Version } from '../../shared/domain/records.ts';
import { buildSnapshot } from '../../shared/domain/snapshot.ts';
import { bakeSecondsOf } from '../../shared/domain/strategy.ts';
import { InternalError } from '../../shared/errors/requests.ts';
import { ConditionFailed } from '../../shared/errors/store.ts';
import { isoTime } from '../../shared/platform/clock.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { changeDeployment } from '../../shared/store/deployments.ts';
import { withStage } from '../../shared/store/stage-records.ts';
import { HANDOVER_MS } from '../../shared/store/stages.ts';
import { changeVersion } from '../../shared/store/versions.ts';
import type { StepsDeps } from './deps.ts';
import { validated } from './gate/prerequisites.ts';
import type { GateFacts } from './gate/rule.ts';

/**
 * Passes the gate: checks once more what must hold, takes the snapshot as the records are now, freezes it, and
 * starts the clock of the whole deployment. One write on the revision that everything was decided on.
 * @throws ConditionFailed where the deployment changed meanwhile, StageFailed where something does not hold any more
 */
export async function passGate(deps: StepsDeps, facts: GateFacts): Promise<Deployment> {
  const { store } = deps;
  const { deployment, project, environment, version, slot, source } = facts;
  if (slot.owner !== deployment.id || slot.fence !== deployment.fence) {
    throw new InternalError(
      `Deployment ${deployment.id} does not own the slot of ${deployment.environment}.`,
    );
  }
  const validation = await validated(facts);
  const snapshot =
    deployment.type === 'rollback'
      ? { ...deployment.snapshot, frozen: true }
      : {
          ...buildSnapshot(project, version, environment, deployment.overrides, true),
          // Its first lines are kept as long as was said when it was created: the rest of its log goes with them.
          retention: deployment.snapshot.retention,
        };
  const now = store.clock.now();
  const passed = await changeDeployment(store, deployment, {
    status: 'initializing',
    progress: PROGRESS.gatePassed,
    source,
    snapshot,
    hooks: pendingRuns(snapshot.hooks),
    validation,
    seen: deployment.wake,
    note: undefined,
    previousDeploymentId: slot.active,
    deadlines: {
      stage: now + HANDOVER_MS,
      total:
        now +
        (resolveTimeouts(environment.timeouts).deploymentSeconds + bakeSecondsOf(deployment.steps)) * 1000,
    },
    stages: withStage(deployment, 'gate', (record) => ({
      ...record,
      status: 'succeeded',
      finishedAt: isoTime(now),
    })),
  });
  await pinVersion(store, version, source);
  await deps.say(deployment.id, 'gate', 'info', describe(deployment, source, project.name));
  for (const warning of validation.warnings)
    await deps.say(deployment.id, 'gate', 'info', `Note: ${warning}.`);
  return passed;
}

/** A version means one commit: the first gate that pins its ref pins it for good. */
async function pinVersion(
  store: StoreContext,
  version: Version,
  { commit }: DeploymentSource,
): Promise<void> {
  if (commit === undefined || version.commit !== undefined) return;
  try {
    await changeVersion(store, version, { commit });
  } catch (error) {
    // Somebody else wrote to the version in the same moment; the end of the build notes the commit again.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

function describe(
  { environment, rollback }: Deployment,
  { type, ref, commit }: DeploymentSource,
  project: string,
): string {
  const what =
    type === 'upload' ? 'the uploaded artifact' : `${type} ${ref} at commit ${commit?.sha ?? 'unknown'}`;
  if (rollback !== undefined) {
    const { targetDeploymentId, ofDeploymentId, reason } = rollback;
    return `Going back to ${targetDeploymentId} (${what}) in ${environment}, away from ${ofDeploymentId}: ${reason}`;
  }
  return `Deploying ${what} of ${project} to ${environment}.`;
}
