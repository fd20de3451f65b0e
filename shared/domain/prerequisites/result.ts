import type { Obstacle } from '../../errors/requests.ts';
import type { Approval } from '../approvals.ts';
import type { Attempt } from '../blocked.ts';
import type { Hold } from '../freezes.ts';
import type { RequestedHooks } from '../hooks.ts';
import type { Environment, Project, Slot, Version } from '../records.ts';
import type { Strategy } from '../strategy.ts';
import type { ArtifactFound } from './artifact.ts';
import type { Dependency } from './dependencies.ts';
import type { Promotion } from './promotion.ts';

/** What one check says. */
export interface Result {
  readonly name: string;
  /** Said where the check passed. */
  readonly message: string;
  /** Why it did not pass, with the field of the request it is about. */
  readonly issue?: Obstacle | undefined;
  /** It passed, and there is something that people should know all the same. */
  readonly warning?: string | undefined;
}

/** What has to be looked up beside the records themselves. */
export interface Surroundings {
  /** One for each project that must be live first. */
  readonly dependencies: readonly Dependency[];
  /** One for each environment in which it must have succeeded first. */
  readonly promotions: readonly Promotion[];
  /** Absent: it is built, so that there is nothing to look at. */
  readonly artifact?: ArtifactFound | undefined;
  /** The freeze that would hold it. */
  readonly hold?: Hold | undefined;
}

/** Everything that the checks decide on. */
export interface Prerequisites extends Surroundings {
  readonly project: Project;
  readonly environment: Environment;
  readonly version: Pick<Version, 'source' | 'state' | 'problem'>;
  readonly slot: Slot;
  /** What is started and by what, as far as that is known. */
  readonly attempt: Attempt;
  /** All at once, unless given. */
  readonly strategy?: Strategy | undefined;
  /** What was asked for besides the environment's. */
  readonly hooks?: RequestedHooks | undefined;
  /** Health and what is live are no reason to stay away. */
  readonly force: boolean;
  /** What people were asked to agree to, once they were asked. */
  readonly approval?: Approval | undefined;
}
