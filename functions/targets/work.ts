import type { Deployment } from '../../shared/domain/records.ts';
import { FenceLost } from '../../shared/errors/deployments.ts';
import { prepareValues } from '../../shared/masking/masker.ts';
import { readVariables, type VariableValues } from '../../shared/platform/secret-values.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import { requireProject } from '../../shared/store/projects.ts';
import { systemLog } from '../../shared/store/system-log.ts';
import type { Target, TargetContext } from '../../shared/targets/target.ts';
import { artifactReader } from './artifact.ts';
import type { TargetsDeps } from './deps.ts';
import { type LiveLog, liveLog } from './live-log.ts';

/** One operation on one deployment's target. */
export interface Work {
  readonly deployment: Deployment;
  readonly target: Target;
  /** May change nothing: `withIntent` makes a context that may. */
  readonly ctx: TargetContext;
  readonly log: LiveLog;
}

export interface WorkOptions {
  /** Named part of the log. */
  readonly step: string;
  /** Names this attempt among those that write to the log (see systemLog). */
  readonly producer: string;
  /** Lines that this producer wrote in earlier calls. */
  readonly linesBefore?: number;
  readonly signal: AbortSignal;
}

export async function openWork(
  deps: TargetsDeps,
  deployment: Deployment,
  options: WorkOptions,
): Promise<Work> {
  const { snapshot, id } = deployment;
  const [target, project, variables, previous, again] = await Promise.all([
    deps.target(snapshot.target.kind),
    requireProject(deps.store, deployment.projectId),
    runtimeVariables(deps, deployment),
    releaseOf(deps, deployment.previousDeploymentId),
    releaseOf(deps, deployment.rollback?.targetDeploymentId),
  ]);
  const lines = systemLog(deps.store, id, options.producer, {
    source: 'deploy',
    offset: options.linesBefore,
    pushed: (written) => deps.pushLines(deps.store, id, written),
  });
  const log = liveLog(lines, options.step, prepareValues(variables.secret), (error) =>
    deps.log.warn('Lines of the deployment could not be written.', { error }),
  );
  const ctx: TargetContext = {
    deploymentId: id,
    projectId: deployment.projectId,
    projectName: project.name,
    environment: deployment.environment,
    settings: snapshot.target,
    configuration: snapshot.configuration,
    parameters: snapshot.parameters,
    variables: variables.values,
    fence: deployment.fence,
    artifact: deployment.artifact && artifactReader(deps.artifacts, deployment.artifact, options.signal),
    releaseId: deployment.releaseId,
    previous,
    again,
    log: (level, message) => log.add(level, message),
    assertMayChange: () =>
      Promise.reject(new FenceLost(`Deployment ${id} has written no intent for this call.`)),
    signal: options.signal,
  };
  return { deployment, target, ctx, log };
}

const NOTHING: VariableValues = { values: {}, secret: [] };

/** Secrets are read only once the gate has passed (rule 14); before it nothing here needs them. */
function runtimeVariables(deps: TargetsDeps, deployment: Deployment): Promise<VariableValues> {
  const { snapshot } = deployment;
  if (!snapshot.frozen) return Promise.resolve(NOTHING);
  const own = snapshot.target.kind === 'custom' ? snapshot.target.secret : undefined;
  return readVariables(deps.secrets, deployment, (name, { use }) => use !== 'build' || name === own);
}

/** The release of another deployment; undefined where that has none on record. */
async function releaseOf(deps: TargetsDeps, id: string | undefined): Promise<TargetContext['previous']> {
  if (id === undefined) return undefined;
  const releaseId = (await getDeployment(deps.store, id))?.releaseId;
  return releaseId === undefined ? undefined : { deploymentId: id, releaseId };
}
