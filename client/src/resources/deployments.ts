import type { CancelView } from '../../../shared/contracts/cancel.ts';
import type { DeploymentResult } from '../../../shared/contracts/deployment-result.ts';
import type { DeploymentStatusView } from '../../../shared/contracts/deployment-status.ts';
import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import type { LogLineView, LogPage, PurgeAnswer, PurgeRequest } from '../../../shared/contracts/logs.ts';
import { type DeploymentFeedOptions, deploymentFeed, type FeedEvent } from '../realtime/feed.ts';
import { deploymentStatuses } from '../realtime/status-feed.ts';
import { storedLines } from '../realtime/stored-lines.ts';
import { type WaitOptions, waitForEnd } from '../realtime/wait-for-end.ts';
import { type WatchOptions, watch } from '../realtime/watch.ts';
import { type Result, success } from '../result.ts';
import { type DeploymentRow, deploymentRow } from '../shapes/deployment-lists.ts';
import { type ArtifactLink, artifactLinks, deploymentResult } from '../shapes/deployment-result.ts';
import { deploymentStatusView } from '../shapes/deployment-status.ts';
import { cancelView as cancellation, deploymentView as view } from '../shapes/deployments.ts';
import type { StatusUpdate } from '../shapes/frames.ts';
import { logPage, purgeAnswer } from '../shapes/logs.ts';
import type { CallOptions } from '../transport.ts';
import type {
  ApproveOptions,
  CancelOptions,
  DeploymentFilters,
  FollowOptions,
  LogOptions,
  PromoteOptions,
  RetryOptions,
  RollbackDeployment,
  StartDeployment,
  StartOptions,
} from './deployment-options.ts';
import { type ListOf, pageOf, Resource, segment } from './resource.ts';

const page = pageOf<DeploymentRow>(deploymentRow);

export class Deployments extends Resource {
  start(body: StartDeployment, options: StartOptions = {}): Promise<Result<DeploymentView>> {
    return this.call({ method: 'POST', path: '/deployments', body, answer: view, ...options });
  }

  list({ signal, projectId, ...query }: DeploymentFilters = {}): Promise<Result<ListOf<DeploymentRow>>> {
    const path = projectId === undefined ? '/deployments' : `/projects/${segment(projectId)}/deployments`;
    return this.call({ method: 'GET', path, query, answer: page, signal });
  }

  get(id: string, options: CallOptions = {}): Promise<Result<DeploymentView>> {
    return this.call({ method: 'GET', path: `/deployments/${segment(id)}`, answer: view, ...options });
  }

  status(id: string, options: CallOptions = {}): Promise<Result<DeploymentStatusView>> {
    return this.call({
      method: 'GET',
      path: `/deployments/${segment(id)}/status`,
      answer: deploymentStatusView,
      ...options,
    });
  }

  /** Leaves a live deployment for an earlier one, as a new deployment that brings it back. */
  rollback(
    id: string,
    body: RollbackDeployment,
    options: StartOptions = {},
  ): Promise<Result<DeploymentView>> {
    const path = `/deployments/${segment(id)}/rollback`;
    return this.call({ method: 'POST', path, body, answer: view, ...options });
  }

  /** Tries one that ended without success again, as a new deployment; what it had built is not built again. */
  retry(id: string, { force, ...options }: RetryOptions = {}): Promise<Result<DeploymentView>> {
    const path = `/deployments/${segment(id)}/retry`;
    const body = force === undefined ? {} : { force };
    return this.call({ method: 'POST', path, body, answer: view, ...options });
  }

  /**
   * Asks for the end of a deployment. `stopping` has ended by `until` at the latest: `waitFor` says how. What had
   * ended by itself is an answer too, not a failure.
   */
  async cancel(id: string, { reason, ...options }: CancelOptions = {}): Promise<Result<CancelView>> {
    const answer = await this.call({
      method: 'POST',
      path: `/deployments/${segment(id)}/cancel`,
      body: reason === undefined ? {} : { reason },
      answer: cancellation,
      ...options,
    });
    const outcome = answer.ok ? undefined : answer.error.problem?.['outcome'];
    return outcome === 'already-finished' ? success({ outcome }) : answer;
  }

  /** Agrees to what it would change. `digest`: what was looked at, so that nothing else is agreed to. */
  approve(id: string, { digest, comment, ...options }: ApproveOptions = {}): Promise<Result<DeploymentView>> {
    const body = {
      ...(digest === undefined ? {} : { digest }),
      ...(comment === undefined ? {} : { comment }),
    };
    const path = `/deployments/${segment(id)}/approve`;
    return this.call({ method: 'POST', path, body, answer: view, ...options });
  }

  /** Says no to what it would change: it ends canceled. */
  reject(id: string, reason: string, options: CallOptions = {}): Promise<Result<DeploymentView>> {
    const path = `/deployments/${segment(id)}/reject`;
    return this.call({ method: 'POST', path, body: { reason }, answer: view, ...options });
  }

  /** Goes on with a rollout without waiting for its bake: to the next step, or to everybody with `all`. */
  promote(id: string, { step, all, ...options }: PromoteOptions = {}): Promise<Result<DeploymentView>> {
    const body = { ...(step === undefined ? {} : { step }), ...(all === true ? { all } : {}) };
    const path = `/deployments/${segment(id)}/promote`;
    return this.call({ method: 'POST', path, body, answer: view, ...options });
  }

  /** Ends a rollout: everybody gets what was live before, and the deployment ends canceled. */
  abort(id: string, { reason, ...options }: CancelOptions = {}): Promise<Result<DeploymentView>> {
    const path = `/deployments/${segment(id)}/abort`;
    const body = reason === undefined ? {} : { reason };
    return this.call({ method: 'POST', path, body, answer: view, ...options });
  }

  /** What came of it; refused (INVALID_STATE) until it has ended. */
  result(id: string, options: CallOptions = {}): Promise<Result<DeploymentResult>> {
    return this.call({
      method: 'GET',
      path: `/deployments/${segment(id)}/result`,
      answer: deploymentResult,
      ...options,
    });
  }

  /** What it made live, as links that work for 15 minutes. */
  artifacts(
    id: string,
    options: CallOptions = {},
  ): Promise<Result<{ readonly items: readonly ArtifactLink[] }>> {
    const path = `/deployments/${segment(id)}/artifacts`;
    return this.call({ method: 'GET', path, answer: artifactLinks, ...options });
  }

  /** One page of the log; `logs` gives all of it. */
  logPage(id: string, { signal, ...query }: LogOptions = {}): Promise<Result<LogPage>> {
    return this.call({
      method: 'GET',
      path: `/deployments/${segment(id)}/logs`,
      query,
      answer: logPage,
      signal,
    });
  }

  /**
   * Has the text of these lines removed everywhere, where a secret leaked. Nobody is shown it from the answer on;
   * `purges` of the record says when no copy was left.
   */
  purgeLog(id: string, body: PurgeRequest, options: StartOptions = {}): Promise<Result<PurgeAnswer>> {
    const path = `/deployments/${segment(id)}/logs/purge`;
    return this.call({ method: 'POST', path, body, answer: purgeAnswer, ...options });
  }

  /** Lines 1..n (or behind `after`, or those that pass), then live ones until the log ends; survives lost connections. */
  async *logs(id: string, { follow = true, ...options }: FollowOptions = {}): AsyncGenerator<LogLineView> {
    if (!follow) return yield* storedLines(this.transport, id, options);
    const events = deploymentFeed(this.transport, id, { ...options, statuses: false });
    for await (const event of events) if (event.kind === 'line') yield event.line;
  }

  /** Everything that happens to a deployment: lines, changes of status, the end of the log. */
  events(id: string, options: DeploymentFeedOptions = {}): AsyncGenerator<FeedEvent> {
    return deploymentFeed(this.transport, id, options);
  }

  /** Calls back with the status as it is and on every change, up to the last one. The answer ends it. */
  watch(id: string, onStatus: (status: StatusUpdate) => void, options: WatchOptions = {}): () => void {
    return watch((signal) => deploymentStatuses(this.transport, id, { signal }), onStatus, options);
  }

  /** Resolves when the deployment has ended, with its record; survives lost connections. */
  waitFor(id: string, options: WaitOptions = {}): Promise<Result<DeploymentView>> {
    return waitForEnd(this.transport, id, options);
  }
}
