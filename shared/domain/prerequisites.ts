import type { Obstacle } from '../errors/requests.ts';
import { faultsOfHooks } from './hooks.ts';
import { artifactWhole } from './prerequisites/artifact.ts';
import { dependenciesLive } from './prerequisites/dependencies.ts';
import { environmentHealthy, nothingReplaced } from './prerequisites/live.ts';
import { promotedInOrder } from './prerequisites/promotion.ts';
import type { Prerequisites, Result } from './prerequisites/result.ts';
import { secretsThere, variablesSet } from './prerequisites/variables.ts';
import { versionNotBlocked, versionUsable } from './prerequisites/version.ts';
import { agreedTo, notFrozen } from './prerequisites/waits.ts';
import type { Validation } from './records.ts';
import { obstacleToStrategy, TARGET_STRATEGIES } from './strategy.ts';

export type { Prerequisites, Surroundings } from './prerequisites/result.ts';

export interface Checked {
  readonly validation: Validation;
  /** What stands in the way, each with the field of the request (or of the project) it is about. */
  readonly issues: readonly Obstacle[];
}

/** In the order in which they are told: what it is, where it goes, what goes on there. */
const CHECKS: readonly ((given: Prerequisites) => Result)[] = [
  projectDeployable,
  versionUsable,
  artifactWhole,
  versionNotBlocked,
  sourceKnown,
  secretsThere,
  hooksFit,
  variablesSet,
  dependenciesLive,
  promotedInOrder,
  strategyPossible,
  environmentHealthy,
  nothingReplaced,
  notFrozen,
  agreedTo,
];

/** What must hold before a deployment may start, and again when its gate passes. */
export function checkPrerequisites(given: Prerequisites): Checked {
  const results = CHECKS.map((check) => check(given));
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
      warnings: results.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
      suggestions: [...new Set(issues.map(({ suggestion }) => suggestion))],
    },
  };
}

function projectDeployable({ project }: Prerequisites): Result {
  const passed = { name: 'project', message: `project ${project.name} can be deployed` };
  if (project.lifecycle !== 'archived') return passed;
  return {
    ...passed,
    issue: {
      field: '/projectId',
      code: 'PROJECT_ARCHIVED',
      message: `project ${project.name} is archived`,
      suggestion: 'Take the project out of the archive first.',
    },
  };
}

function sourceKnown({ project, version }: Prerequisites): Result {
  const passed = { name: 'source', message: 'the source is known' };
  if (version.source.type === 'upload' || project.repository !== undefined) return passed;
  return {
    ...passed,
    issue: {
      field: '/source',
      code: 'NO_REPOSITORY',
      message: `project ${project.name} has no repository`,
      suggestion: `Give it one (slipway projects update ${project.name} --repo <url>), or deploy an uploaded version.`,
    },
  };
}

function hooksFit({ environment, hooks }: Prerequisites): Result {
  const passed = { name: 'hooks', message: 'its hooks fit those of the environment' };
  const [fault] = faultsOfHooks(environment.hooks, hooks);
  if (fault === undefined) return passed;
  const suggestion = `See what it has: slipway envs show ${environment.name}. Give yours other names, or fewer.`;
  return { ...passed, issue: { ...fault, suggestion } };
}

function strategyPossible({ project, strategy = 'all-at-once' }: Prerequisites): Result {
  const { kind } = project.target;
  const message = obstacleToStrategy(strategy, kind);
  const passed = { name: 'strategy', message: `the target can deploy ${strategy}` };
  if (message === undefined) return passed;
  return {
    ...passed,
    issue: {
      field: '/strategy',
      code: 'STRATEGY_NOT_POSSIBLE',
      message,
      suggestion: `Choose ${TARGET_STRATEGIES[kind].join(' or ')}.`,
    },
  };
}
