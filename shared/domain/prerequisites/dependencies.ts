import type { Prerequisites, Result } from './result.ts';

/** A project that must be live first, as it stands in environments of the type that is deployed to. */
export interface Dependency {
  readonly id: string;
  readonly state: 'live' | 'not-live' | 'no-environment' | 'gone';
}

/** Live where it counts: staging needs what it depends on in staging, whatever production serves. */
export function dependenciesLive({ project, environment, dependencies }: Prerequisites): Result {
  const name = 'dependencies';
  const message =
    project.dependsOn.length === 0
      ? 'it depends on no other project'
      : 'every project it depends on is live in this type of environment';
  const missing = dependencies.filter(({ state }) => state !== 'live');
  if (missing.length === 0) return { name, message };
  const { type } = environment;
  const words = missing.map(({ id, state }) => `${id}, which ${WHY[state](type)}`).join('; and on ');
  const isGone = missing.some(({ state }) => state === 'gone');
  return {
    name,
    message,
    issue: {
      field: '/projectId',
      code: 'DEPENDENCY_NOT_LIVE',
      message: `it depends on ${words}`,
      suggestion: `Deploy ${missing.map(({ id }) => id).join(', ')} to an environment of type ${type} first${
        isGone ? ', and take what is gone out of dependsOn' : ''
      }.`,
    },
  };
}

const WHY: Readonly<Record<Dependency['state'], (type: string) => string>> = {
  live: () => 'is live',
  'not-live': (type) => `is not live in any environment of type ${type}`,
  'no-environment': (type) => `has no environment of type ${type}`,
  gone: () => 'does not exist any more',
};
