import { contentKeyOf } from '../blocked.ts';
import type { Health } from '../records.ts';
import type { Prerequisites, Result } from './result.ts';

/** Something is live here already: said, and nobody is kept from replacing it. */
export function nothingReplaced({ slot, force }: Prerequisites): Result {
  const name = 'active';
  const { active } = slot;
  if (active === undefined) return { name, message: 'nothing is live here yet' };
  const message = `it replaces deployment ${active}`;
  return force ? { name, message } : { name, message, warning: message };
}

/**
 * What is served here failed its live checks: nothing comes on top of that unless it may be the cure, or somebody
 * says that it is meant so (docs/decisions/prerequisites.md).
 */
export function environmentHealthy(given: Prerequisites): Result {
  const name = 'health';
  const { slot, environment, force } = given;
  const { health } = slot;
  if (health === undefined) return { name, message: 'no live check has said anything about what is served' };
  if (health.state === 'healthy') return { name, message: `${health.deploymentId} passed its live checks` };
  const words = `environment ${environment.name} is unhealthy: ${wordsOf(health)}`;
  if (mayCure(given, health)) {
    const warning = `${words}; a newer version may be the cure`;
    return { name, message: warning, warning };
  }
  if (force) return { name, message: `${words}; started by force`, warning: `${words}; started by force` };
  return {
    name,
    message: words,
    issue: {
      field: '/environment',
      code: 'UNHEALTHY',
      message: words,
      suggestion: `Deploy a newer version, roll back (slipway rollback ${health.deploymentId}), or start it with force.`,
    },
  };
}

/** Newer than what fails and not the same content under another number; what is not looked up yet may be anything. */
function mayCure({ attempt }: Prerequisites, failing: Health): boolean {
  const { source, versionNumber } = attempt;
  const isNewer = versionNumber === undefined || versionNumber > failing.versionNumber;
  const key = contentKeyOf(source);
  return isNewer && (key === undefined || key !== failing.key);
}

const wordsOf = ({ deploymentId, versionNumber, reason = 'its live check' }: Health) =>
  `${deploymentId} (version #${versionNumber}) is live although it failed: ${reason.split('\n', 1)[0]}`;
