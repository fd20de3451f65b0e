import type * as z from 'zod/mini';
import { type CancelView, cancelView } from '../../../shared/contracts/cancel.ts';
import {
  type DeploymentResult,
  type DeploymentStatusView,
  type DeploymentView,
  type deploymentRequest,
  deploymentResult,
  deploymentRow,
  deploymentStatusView,
  deploymentView,
} from '../../../shared/contracts/deployments.ts';
import { type LogLineView, type LogPage, logPage } from '../../../shared/contracts/logs.ts';
import type { rollbackRequest } from '../../../shared/contracts/rollback.ts';
import {
  type DeploymentFeedOptions,
  deploymentFeed,
  type FeedEvent,
  type StatusUpdate,
} from '../realtime/feed.ts';
import { type Result, success } from '../result.ts';
import { tolerant } from '../tolerant.ts';
import { type CallOptions, pause } from '../transport.ts';
import { type ListOf, type ListOptions, pageOf, Resource, segment } from './resource.ts';

export type RollbackDeployment = z.input<typeof rollbackRequest>;
export type StartDeployment = z.input<typeof deploymentRequest>;

export interface StartOptions extends CallOptions {
  /** Same key and body, same deployment: choose it where a repeat must not deploy twice. */
  readonly idempotencyKey?: string | undefined;
}

export interface RetryOptions extends StartOptions {
  /** Although what the environment serves is unhealthy. */
  readonly force?: boolean | undefined;
}

export interface CancelOptions extends CallOptions {
  /** For whoever reads the record or the log. */
  readonly reason?: string | undefined;
}

export interface ApproveOptions extends CallOptions {
  /** `approval.digest` of the deployment as it was looked at. */
  readonly digest?: string | undefined;
  readonly comment?: string | undefined;
}

export interface PromoteOptions extends CallOptions {
  /** The step that is meant, as `rollout.step` shows it. */
  readonly step?: number | undefined;
  readonly all?: boolean | undefined;
}

export interface DeploymentFilters extends ListOptions {
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  readonly status?: string | undefined;
  readonly releaseState?: string | undefined;
  readonly triggeredBy?: string | undefined;
  readonly sourceRef?: string | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `started` and `finished` need a project. */
  readonly sortBy?: 'created' | 'started' | 'finished' | undefined;
  /** The last lines of each log with its row; at most 20 rows a page then. */
  readonly includeLogs?: boolean | undefined;
  /** Also count all that there are. */
  readonly total?: boolean | undefined;
}

export interface LogOptions extends CallOptions {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly tail?: number | undefined;
  readonly limit?: number | undefined;
  readonly level?: string | undefined;
  readonly step?: string | undefined;
  readonly source?: string | undefined;
  readonly since?: string | undefined;
  readonly search?: string | undefined;
}

export interface FollowOptions extends DeploymentFeedOptions {
  /** Go on with what comes until the log ends; false: only what is stored now. */
  readonly follow?: boolean | undefined;
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | undefined;
  readonly step?: string | undefined;
  readonly source?: 'build' | 'deploy' | 'system' | undefined;
  /** Only lines from this time on (ISO 8601). */
  readonly since?: string | undefined;
}

export type DeploymentRow = z.infer<typeof deploymentRow>;

const view: z.ZodMiniType<DeploymentView> = tolerant(deploymentView);
const status: z.ZodMiniType<DeploymentStatusView> = tolerant(deploymentStatusView);
const logView = tolerant(logPage);
const cancellation: z.ZodMiniType<CancelView> = tolerant(cancelView);
const result: z.ZodMiniType<DeploymentResult> = tolerant(deploymentResult);
const page = pageOf<DeploymentRow>(tolerant(deploymentRow));
const TERMINAL = new Set(['succeeded', 'failed', 'canceled', 'timeout']);
const LEVELS = ['debug', 'info', 'warn', 'error'];
/** How long the service is asked to hold an answer back (its limit is 25 s). */
const WAIT_SECONDS = 20;

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
      answer: status,
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
      answer: result,
      ...options,
    });
  }

  /** One page of the log; `logs` gives all of it. */
  logPage(id: string, { signal, ...query }: LogOptions = {}): Promise<Result<LogPage>> {
    return this.call({
      method: 'GET',
      path: `/deployments/${segment(id)}/logs`,
      query,
      answer: logView,
      signal,
    });
  }

  /** Lines 1..n (or behind `after`), then live ones until the log ends; survives lost connections. */
  async *logs(id: string, options: FollowOptions = {}): AsyncGenerator<LogLineView> {
    const wanted = lineFilter(options);
    const events = options.follow === false ? this.#stored(id, options) : this.events(id, options);
    for await (const event of events) if (event.kind === 'line' && wanted(event.line)) yield event.line;
  }

  /** Everything that happens to a deployment: lines, changes of status, the end of the log. */
  events(id: string, options: DeploymentFeedOptions = {}): AsyncGenerator<FeedEvent> {
    return deploymentFeed(this.transport, id, options);
  }

  /** Calls back on every change of status; the answer ends it. */
  watch(id: string, onStatus: (status: StatusUpdate) => void, onEnd?: (error?: unknown) => void): () => void {
    const stop = new AbortController();
    void (async () => {
      try {
        for await (const event of this.events(id, { signal: stop.signal }))
          if (event.kind === 'status') onStatus(event.status);
        onEnd?.();
      } catch (error) {
        if (!stop.signal.aborted) onEnd?.(error);
      }
    })();
    return () => stop.abort();
  }

  /** Resolves when the deployment has ended, with its record. */
  async waitFor(id: string, options: CallOptions = {}): Promise<Result<DeploymentView>> {
    for (let revision: number | undefined; ; ) {
      const answer = await this.call({
        method: 'GET',
        path: `/deployments/${segment(id)}`,
        query: { wait: WAIT_SECONDS, revision },
        answer: view,
        ...options,
      });
      if (!answer.ok || TERMINAL.has(answer.value.status)) return answer;
      // A service that does not hold answers back must not be asked in a tight loop.
      if (answer.value.revision === revision) await pause(1000, options.signal);
      revision = answer.value.revision;
    }
  }

  async *#stored(id: string, options: FollowOptions): AsyncGenerator<FeedEvent> {
    for (let after = options.after ?? 0; ; ) {
      const answer = await this.logPage(id, { after, limit: 1000, signal: options.signal });
      if (!answer.ok) throw answer.error;
      for (const line of answer.value.items) yield { kind: 'line', line };
      const last = answer.value.items.at(-1);
      if (last === undefined || answer.value.nextCursor === undefined) return;
      after = last.n;
    }
  }
}

function lineFilter({ level, step, source, since }: FollowOptions): (line: LogLineView) => boolean {
  const least = level === undefined ? 0 : LEVELS.indexOf(level);
  return (line) =>
    LEVELS.indexOf(line.level) >= least &&
    (step === undefined || line.step === step) &&
    (source === undefined || line.source === source) &&
    (since === undefined || line.at >= since);
}
