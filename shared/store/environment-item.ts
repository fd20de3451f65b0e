import type { Environment } from '../domain/records.ts';
import type { Item } from './engine.ts';
import { environmentKey } from './keys.ts';

/**
 * Raised when the stored shape of an environment changes; readers accept this and older ones. 2: promoteFrom. 3:
 * retention.
 */
export const ENVIRONMENT_SHAPE = 3;

export function environmentItem(environment: Environment): Item {
  return {
    ...environmentKey(environment.projectId, environment.name),
    kind: 'environment',
    v: ENVIRONMENT_SHAPE,
    record: environment,
    // Beside the record because conditions look at it.
    revision: environment.revision,
  };
}

/** Only environmentItem writes these items, from an Environment. */
export const environmentFrom = (item: Item): Environment => item['record'] as Environment;
