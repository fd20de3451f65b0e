import type { SourceScheme } from '../shared/domain/source-url.ts';
import type { BuildUser } from './process/user.ts';

/** What the operator of a runner decides about every job it does. */
export interface RunnerSettings {
  /** Folder for jobs and records; one agent at a time uses it. */
  readonly workDir: string;
  /** Schemes that repositories may be cloned by. */
  readonly schemes: readonly SourceScheme[];
  /**
   * Where it is there, repositories by ssh without a credential are reached with the keys, the agent and the
   * configuration of the runner's user: variables that ssh needs for that.
   */
  readonly ownSsh?: Readonly<Record<string, string>> | undefined;
  /** Search path of builds; the folder of this Node comes first. */
  readonly path: string;
  /** Variables of the machine that every build and git get as well: proxies, certificates, registries. */
  readonly passedEnvironment: Readonly<Record<string, string>>;
  /** Copied to ~/.npmrc of every job, whose home is otherwise empty. */
  readonly npmrc?: string | undefined;
  /** Kept between jobs for the package manager's downloads. */
  readonly cacheDir?: string | undefined;
  /** Folder of the Node that builds find first, this program's own unless told. */
  readonly nodeFolder?: string | undefined;
  /** Install and build commands run as this user; only root can do that. */
  readonly buildUser?: BuildUser | undefined;
}
