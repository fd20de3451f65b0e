import { NO_COST } from './cost.ts';
import { resolveTimeouts } from './deadlines.ts';
import type { DeploymentSource, OpenDeployment, StageRecord, Version } from './records.ts';
import { STAGES } from './status.ts';
import type { Strategy, StrategyStep } from './strategy.ts';

/** What differs from one new deployment to the next. */
export type NewDeployment = Pick<
  OpenDeployment,
  | 'id'
  | 'projectId'
  | 'environment'
  | 'method'
  | 'message'
  | 'trigger'
  | 'force'
  | 'rollbackOnFailure'
  | 'snapshot'
  | 'overrides'
  | 'validation'
  | 'createdAt'
  | 'fence'
> & {
  /** It waits for this moment. */
  readonly schedule?: OpenDeployment['schedule'];
  readonly version: Pick<Version, 'id' | 'number'>;
  readonly source: DeploymentSource;
  /** All at once, unless something else was asked for. */
  readonly strategy?: Strategy;
  readonly steps?: readonly StrategyStep[] | undefined;
};

/** A deployment as it begins: it owns its environment's slot and waits for its machine. */
export function newDeployment({ version, ...given }: NewDeployment): OpenDeployment {
  return {
    ...given,
    type: 'deploy',
    versionId: version.id,
    versionNumber: version.number,
    status: given.schedule === undefined ? 'created' : 'scheduled',
    releaseState: 'none',
    stage: 'gate',
    progress: 0,
    currentStep: 'gate',
    strategy: given.strategy ?? 'all-at-once',
    previewUrls: [],
    retryCount: 0,
    stages: STAGES.map((name): StageRecord => ({ name, status: 'pending', attempts: 0 })),
    cost: NO_COST,
    updatedAt: given.createdAt,
    revision: 1,
    wake: 0,
    seen: 0,
    published: 0,
    deadlines: {
      stage: Date.parse(given.createdAt) + resolveTimeouts(given.snapshot.timeouts).gateSeconds * 1000,
    },
    calls: {},
    activating: false,
    entered: {},
  };
}

/** The source of a deployment of an existing version: what the version is, pinned where it was pinned before. */
export function sourceOf({ source, commit }: Version): DeploymentSource {
  if (source.type === 'upload') return { type: 'upload', ref: source.sha256 };
  const type = COMMIT.test(source.ref) ? 'commit' : 'branch';
  return commit === undefined ? { type, ref: source.ref } : { type, ref: source.ref, commit };
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
