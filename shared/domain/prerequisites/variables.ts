import { mergedHooks, missingSecrets } from '../hooks.ts';
import type { Prerequisites, Result } from './result.ts';

/** What the project cannot do without must be set, whatever to: found out here, not by the first visitor. */
export function variablesSet({ project, environment }: Prerequisites): Result {
  const name = 'variables';
  const { requiredVariables: required = [] } = project;
  const message = required.length === 0 ? 'no variable is required' : 'every required variable is set';
  const missing = required.filter((key) => !Object.hasOwn(environment.variables, key));
  if (missing.length === 0) return { name, message };
  const place = `--project ${project.name} --env ${environment.name}`;
  return {
    name,
    message,
    issue: {
      field: '/environment',
      code: 'VARIABLE_MISSING',
      message: `environment ${environment.name} lacks ${missing.join(', ')}, which project ${project.name} requires`,
      suggestion: `Set what is missing: ${missing.map((key) => `slipway vars set ${key}=<value> ${place}`).join('; ')}.`,
    },
  };
}

/** What is named by a variable must be one: found out here, not by a runner that cannot say so. */
export function secretsThere({ project, environment, version, hooks }: Prerequisites): Result {
  const passed = { name: 'secrets', message: 'the secrets that the project and the hooks name are there' };
  const named = [
    version.source.type === 'git' ? project.repository?.credential : undefined,
    project.target.kind === 'custom' ? project.target.secret : undefined,
  ].filter((key) => key !== undefined);
  const missing = named.filter((key) => environment.variables[key]?.sensitive !== true);
  const unsigned = missingSecrets(environment, mergedHooks(environment.hooks, hooks));
  if (missing.length + unsigned.length === 0) return passed;
  const [keys, owner] =
    missing.length > 0 ? [missing, `project ${project.name} names`] : [unsigned, 'a hook signs with'];
  const place = `--sensitive --project ${project.name} --env ${environment.name}`;
  return {
    ...passed,
    issue: {
      field: '/environment',
      code: 'NO_SECRET',
      message: `environment ${environment.name} has no sensitive variable ${keys.join(', ')}, which ${owner}`,
      suggestion: `Set what is missing: ${keys.map((key) => `slipway vars set ${key} ${place}`).join('; ')}.`,
    },
  };
}
