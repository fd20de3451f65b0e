export type { DeploymentResult } from '../../shared/contracts/deployment-result.ts';
export type { DeploymentStatusView } from '../../shared/contracts/deployment-status.ts';
export type { DeploymentView } from '../../shared/contracts/deployments.ts';
export type { EnvironmentView } from '../../shared/contracts/environments.ts';
export type { LogLineView, LogPage, PurgeAnswer, PurgeRequest } from '../../shared/contracts/logs.ts';
export type { Problem } from '../../shared/contracts/problem.ts';
export type { ProjectRow, ProjectView } from '../../shared/contracts/projects.ts';
export type { RunnerView, TokenView } from '../../shared/contracts/tokens.ts';
export type { VariableView } from '../../shared/contracts/variables.ts';
export type { VersionRow, VersionView } from '../../shared/contracts/versions.ts';
export { type FailureDetails, type FailureKind, SlipwayFailure } from './failure.ts';
export { LogVerifier } from './logs/verify.ts';
export type { DeploymentFeedOptions, FeedEvent, LineFilter, StatusUpdate } from './realtime/feed.ts';
export type { ListenOptions } from './realtime/listen.ts';
export type { WaitOptions } from './realtime/wait-for-end.ts';
export type { WatchOptions } from './realtime/watch.ts';
export type { CreatedRunner, CreatedToken } from './resources/access.ts';
export type {
  DeploymentFilters,
  FollowOptions,
  LogOptions,
  StartDeployment,
  StartOptions,
} from './resources/deployment-options.ts';
export type { NewEnvironment, NewVariable } from './resources/environments.ts';
export type { NewProject } from './resources/projects.ts';
export type { DeleteOptions, ListOf, ListOptions } from './resources/resource.ts';
export type { CreatedVersion, NewVersion } from './resources/versions.ts';
export { type Result, unwrap } from './result.ts';
export type { DeploymentRow } from './shapes/deployment-lists.ts';
export type { ArtifactLink } from './shapes/deployment-result.ts';
export { type Health, Slipway } from './slipway.ts';
export type { CallOptions, TransportOptions } from './transport.ts';
