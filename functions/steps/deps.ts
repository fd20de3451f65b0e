import type { LogLevel } from '../../shared/domain/log.ts';
import type { Artifacts } from '../../shared/platform/artifacts.ts';
import type { Builds } from '../../shared/platform/builds.ts';
import type { Log } from '../../shared/platform/logger.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import type { JobRunner } from '../../shared/store/job.ts';
import type { TargetsFunction } from './targets-function.ts';

export interface SayOptions {
  /** A line with these words stands in the log already where they were said so before; it is not said again. */
  readonly once?: boolean;
}

/** What the steps need from outside; one set for each call. */
export interface StepsDeps {
  readonly store: StoreContext;
  readonly machine: Machine;
  readonly targets: TargetsFunction;
  readonly builds: Builds;
  /** Only looked at: are they there as they were? */
  readonly artifacts: () => Promise<Pick<Artifacts, 'stored'>>;
  /** Tells agents that work may be waiting. Its loss only costs time: agents look by themselves once a minute. */
  announceJob(jobKey: string, label: string): Promise<void>;
  /** Tells the runner of a job that it is not wanted any more; it hears so at its next post besides. */
  announceCancel(jobKey: string, label: string): Promise<void>;
  /** Adds a line of the service to the deployment's log. Never fails a deployment: what cannot be written is logged. */
  say(
    deploymentId: string,
    step: string,
    level: LogLevel,
    message: string,
    options?: SayOptions,
  ): Promise<void>;
  readonly log: Log;
  readonly defaultRunner: JobRunner['kind'];
  readonly apiUrl: string;
}
