import type { Deployment } from '../domain/records.ts';
import type { LogKeys } from './logger.ts';

/** What every line about a deployment carries, so that all lines about it, its project or its commit are found. */
export function keysOf(deployment: Pick<Deployment, 'id' | 'projectId' | 'environment' | 'source'>): LogKeys {
  const { id, projectId, environment, source } = deployment;
  const commit = source.commit?.sha;
  return { deploymentId: id, projectId, environment, ...(commit === undefined ? {} : { commit }) };
}

/** The keys of a piece of work that learns of its deployment while it goes on. */
export function keysAsNoticed(): { noticed(deployment: Deployment): void; keys(): LogKeys } {
  let known: LogKeys = {};
  return {
    // The first one read is what the work is about; others are read beside it.
    noticed: (deployment) => {
      if (known.deploymentId === undefined || known.deploymentId === deployment.id)
        known = keysOf(deployment);
    },
    keys: () => known,
  };
}
