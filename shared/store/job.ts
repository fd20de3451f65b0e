import type { JobResult } from '../contracts/job-results.ts';
import type { JobKind } from '../contracts/jobs.ts';

/** Where a job runs: in a CodeBuild build that is started for it, or on any agent that carries the label. */
export type JobRunner = { readonly kind: 'codebuild' } | { readonly kind: 'agent'; readonly label: string };

/** The label of agents and jobs that name none. */
export const DEFAULT_LABEL = 'default';

/** How long each part of a job may take, in seconds; frozen when it is offered. */
export interface JobTimeouts {
  readonly claimSeconds: number;
  readonly heartbeatSeconds: number;
  /** From the claim to the result. */
  readonly workSeconds: number;
}

interface JobBase {
  readonly id: string;
  /** `<deploymentId>.<kind>.<round>` */
  readonly jobKey: string;
  readonly kind: JobKind;
  readonly round: number;
  /** A build with commands of hooks in it: only for runners that know of hooks. */
  readonly withHooks?: boolean | undefined;
  readonly deploymentId: string;
  readonly projectId: string;
  readonly environment: string;
  readonly runner: JobRunner;
  readonly timeouts: JobTimeouts;
  readonly offeredAt: string;
  /** Moment (ms) after which nobody may claim it any more. */
  readonly claimDeadline: number;
}

/** Who claimed a job: the name it shows people, and the token it came with (absent: a claim ticket). */
export interface JobClaim {
  readonly by: string;
  readonly tokenId?: string | undefined;
  readonly at: string;
}

/** Work for a runner. It goes forward only: nothing comes back to `offered`. */
export type Job =
  | (JobBase & { readonly state: 'offered' })
  | (JobBase & { readonly state: 'claimed'; readonly claim: JobClaim })
  | (JobBase & { readonly state: 'finished'; readonly claim: JobClaim; readonly result: JobResult })
  /** Not wanted any more (`canceled`), or its runner was not heard of in time (`lost`). */
  | (JobBase & { readonly state: 'canceled' | 'lost'; readonly claim?: JobClaim | undefined });

export type ClaimedJobRecord = Extract<Job, { state: 'claimed' }>;
export type FinishedJobRecord = Extract<Job, { state: 'finished' }>;
