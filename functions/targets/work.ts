import { secretsOfHooks } from '../../shared/domain/hooks.ts';
import type { Deployment, VariableRef } from '../../shared/domain/records.ts';
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
  /** Secrets that hooks sign with, by the name of their variable; the target does not get them by that. */
  readonly signing: Readonly<Record<string, string>>;
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
    variables: forTarget(deployment, variables.values),
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
  return { deployment, target, ctx, log, signing: variables.values };
}

const NOTHING: VariableValues = { values: {}, secret: [] };

/** Secrets are read only once the gate has passed (rule 14); before it nothing here needs them. */
function runtimeVariables(deps: TargetsDeps, deployment: Deployment): Promise<VariableValues> {
  const { snapshot } = deployment;
  if (!snapshot.frozen) return Promise.resolve(NOTHING);
  const signing = secretsOfHooks(snapshot.hooks);
  return readVariables(
    deps.secrets,
    deployment,
    (name, variable) =>
      isForTarget(snapshot, name, variable) || (signing.includes(name) && variable.sensitive),
  );
}

function isForTarget({ target }: Deployment['snapshot'], name: string, { use }: VariableRef): boolean {
  return use !== 'build' || (target.kind === 'custom' && name === target.secret);
}

/** What only hooks need is no variable of the app. */
function forTarget({ snapshot }: Deployment, values: VariableValues['values']): VariableValues['values'] {
  const wanted = Object.entries(values).filter(([name]) => {
    const variable = snapshot.variables[name];
    return variable !== undefined && isForTarget(snapshot, name, variable);
  });
  return Object.fromEntries(wanted);
}

/** The release of another deployment; undefined where that has none on record. */
async function releaseOf(deps: TargetsDeps, id: string | undefined): Promise<TargetContext['previous']> {
  if (id === undefined) return undefined;
  const releaseId = (await getDeployment(deps.store, id))?.releaseId;
  return releaseId === undefined ? undefined : { deploymentId: id, releaseId };
}
