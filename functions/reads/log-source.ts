import type { Deployment } from '../../shared/domain/records.ts';
import type { ReadOptions } from '../../shared/store/log-read.ts';
import { loggedDeployment, logSource as sourceAt } from '../../shared/store/log-source.ts';
import type { ReadDeps } from './deps.ts';

/** Where lines of a deployment's log are read from, and which of them may not be shown. */
export const logSource = (deps: ReadDeps, deployment: Deployment): ReadOptions =>
  sourceAt(deps.store, async () => (await deps.artifacts()).objects, loggedDeployment(deployment));
