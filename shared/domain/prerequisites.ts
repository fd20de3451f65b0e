import type { FieldIssue } from '../errors/requests.ts';
import { type Attempt, blockVerdict } from './blocked.ts';
import { faultsOfHooks, mergedHooks, missingSecrets, type RequestedHooks } from './hooks.ts';
import type { Environment, Project, Slot, Validation, Version } from './records.ts';
import { obstacleToStrategy, type Strategy } from './strategy.ts';

export interface Prerequisites {
  readonly project: Project;
  readonly environment: Environment;
  readonly version: Pick<Version, 'source' | 'state' | 'problem'>;
  /** Projects that must be live first, as far as they were found. */
  readonly dependencies: readonly Project[];
  readonly slot: Slot;
  /** What is started and by what, as far as that is known. */
  readonly attempt: Attempt;
  /** All at once, unless given. */
  readonly strategy?: Strategy | undefined;
  /** What was asked for besides the environment's. */
  readonly hooks?: RequestedHooks | undefined;
}

export interface Checked {
  readonly validation: Validation;
  /** What stands in the way, each with the field of the request (or of the project) it is about. */
  readonly issues: readonly FieldIssue[];
}

/** What must hold before a deployment may start, and again when its gate passes. */
export function checkPrerequisites(given: Prerequisites): Checked {
  const results = [
    projectDeployable(given),
    versionUsable(given),
    versionNotBlocked(given),
    sourceKnown(given),
    secretsThere(given),
    hooksFit(given),
    dependenciesLive(given),
    strategyPossible(given),
  ];
  const issues = results.flatMap(({ issue }) => (issue === undefined ? [] : [issue]));
  return {
    issues,
    validation: {
      passed: issues.length === 0,
      checks: results.map(({ name, message, issue }) => ({
        name,
        passed: issue === undefined,
        message: issue?.message ?? message,
      })),
      errors: issues.map(({ message }) => message),
      warnings: warningsOf(given),
    },
  };
}

function warningsOf({ slot, attempt }: Prerequisites): string[] {
  const { warning } = blockVerdict(slot, attempt);
  return [
    ...(slot.active === undefined ? [] : [`it replaces deployment ${slot.active}`]),
    ...(warning === undefined ? [] : [warning]),
  ];
}

interface Result {
  readonly name: string;
  /** Said where the check passed. */
  readonly message: string;
  readonly issue?: FieldIssue | undefined;
}

function projectDeployable({ project }: Prerequisites): Result {
  const passed = { name: 'project', message: `project ${project.name} can be deployed` };
  if (project.lifecycle !== 'archived') return passed;
  return {
    ...passed,
    issue: { field: '/projectId', code: 'PROJECT_ARCHIVED', message: `project ${project.name} is archived` },
  };
}

function versionUsable({ version }: Prerequisites): Result {
  const passed = { name: 'version', message: 'the version can be deployed' };
  if (version.source.type === 'git' || version.state === 'ready') return passed;
  const message =
    version.state === 'pending'
      ? 'the upload of the version is not complete: PUT the zip, then POST .../complete'
      : `the version was refused: ${version.problem ?? 'its artifact is not valid'}`;
  const code = version.state === 'pending' ? 'VERSION_PENDING' : 'VERSION_UNUSABLE';
  return { ...passed, issue: { field: '/versionId', code, message } };
}

/** After a rollback nothing but a person puts back what was left. */
function versionNotBlocked({ slot, attempt, environment }: Prerequisites): Result {
  const passed = { name: 'blocked', message: 'the version is not blocked here' };
  const { refused, warning } = blockVerdict(slot, attempt);
  if (refused === undefined) {
    return warning === undefined
      ? passed
      : { ...passed, message: `${warning}; a person started it all the same` };
  }
  const message = `${refused}; deploy a newer version, or lift the pin of ${environment.name}`;
  return { ...passed, issue: { field: '/versionId', code: 'VERSION_BLOCKED', message } };
}

function sourceKnown({ project, version }: Prerequisites): Result {
  const passed = { name: 'source', message: 'the source is known' };
  if (version.source.type === 'upload' || project.repository !== undefined) return passed;
  return {
    ...passed,
    issue: {
      field: '/source',
      code: 'NO_REPOSITORY',
      message: `project ${project.name} has no repository: give it one, or deploy an uploaded version`,
    },
  };
}

/** What is named by a variable must be one: found out here, not by a runner that cannot say so. */
function secretsThere({ project, environment, version, hooks }: Prerequisites): Result {
  const passed = { name: 'secrets', message: 'the secrets that the project names are there' };
  const named = [
    version.source.type === 'git' ? project.repository?.credential : undefined,
    project.target.kind === 'custom' ? project.target.secret : undefined,
  ];
  const missing = named.filter(
    (name) => name !== undefined && environment.variables[name]?.sensitive !== true,
  );
  const unsigned = missingSecrets(environment, mergedHooks(environment.hooks, hooks));
  if (missing.length + unsigned.length === 0) return passed;
  const [names, owner] =
    missing.length > 0 ? [missing, `project ${project.name} names`] : [unsigned, 'a hook signs with'];
  return {
    ...passed,
    issue: {
      field: '/environment',
      code: 'NO_SECRET',
      message: `environment ${environment.name} has no sensitive variable ${names.join(', ')}, which ${owner}`,
    },
  };
}

function hooksFit({ environment, hooks }: Prerequisites): Result {
  const passed = { name: 'hooks', message: 'its hooks fit those of the environment' };
  return { ...passed, issue: faultsOfHooks(environment.hooks, hooks)[0] };
}

function strategyPossible({ project, strategy = 'all-at-once' }: Prerequisites): Result {
  const message = obstacleToStrategy(strategy, project.target.kind);
  const passed = { name: 'strategy', message: `the target can deploy ${strategy}` };
  if (message === undefined) return passed;
  return { ...passed, issue: { field: '/strategy', code: 'STRATEGY_NOT_POSSIBLE', message } };
}

function dependenciesLive({ project, dependencies }: Prerequisites): Result {
  const passed = { name: 'dependencies', message: 'every project it depends on is live' };
  const live = new Set(dependencies.filter(({ online }) => online).map(({ id }) => id));
  const missing = project.dependsOn.filter((id) => !live.has(id));
  if (missing.length === 0) return passed;
  return {
    ...passed,
    issue: {
      field: '/projectId',
      code: 'DEPENDENCY_NOT_LIVE',
      message: `it depends on ${missing.join(', ')}, which must be live first`,
    },
  };
}
