import { startRetry } from '../../../functions/api/deployments/start-retry.ts';
import { startRollback } from '../../../functions/api/deployments/start-rollback.ts';
import type { DueDeps } from '../../../functions/due/deps.ts';
import { due } from '../../../functions/due/handle.ts';
import type { RelayDeps } from '../../../functions/relay/deps.ts';
import { relay } from '../../../functions/relay/relay.ts';
import type { StepsDeps } from '../../../functions/steps/deps.ts';
import { handleStep } from '../../../functions/steps/handle.ts';
import { speaker } from '../../../functions/steps/say.ts';
import { targetsFunction } from '../../../functions/steps/targets-function.ts';
import type { SweepDeps } from '../../../functions/sweep/deps.ts';
import { sweep } from '../../../functions/sweep/handle.ts';
import type { TargetsDeps } from '../../../functions/targets/deps.ts';
import { perform } from '../../../functions/targets/operations.ts';
import { deploymentRequest } from '../../../shared/contracts/deployment-requests.ts';
import type { JobResult } from '../../../shared/contracts/job-results.ts';
import type { JobKind } from '../../../shared/contracts/jobs.ts';
import { rollbackRequest } from '../../../shared/contracts/rollback.ts';
import { type ResolveAnswer, STEP_CONTRACT } from '../../../shared/contracts/steps.ts';
import type { Deployment, Environment, Project, Version } from '../../../shared/domain/records.ts';
import type { GuardedRequest, GuardedResponse } from '../../../shared/net/guarded-fetch.ts';
import type { BusEvent } from '../../../shared/platform/bus.ts';
import type { Log } from '../../../shared/platform/logger.ts';
import type { Objects } from '../../../shared/platform/objects.ts';
import type { Scheduler } from '../../../shared/platform/scheduler.ts';
import {
  type Canceled,
  getDeployment,
  noteClaim,
  requestCancel,
  requireDeployment,
} from '../../../shared/store/deployments.ts';
import { transact } from '../../../shared/store/engine.ts';
import {
  changeEnvironment,
  createEnvironment,
  requireEnvironment,
} from '../../../shared/store/environments.ts';
import { beat } from '../../../shared/store/heartbeats.ts';
import { type Claimed, claimNextJob } from '../../../shared/store/job-claims.ts';
import { takeResult } from '../../../shared/store/job-outcome.ts';
import { claimNote } from '../../../shared/store/jobs.ts';
import type { ArchiveObjects } from '../../../shared/store/log-archive-form.ts';
import { archiveKey } from '../../../shared/store/log-archive-keys.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import type { CheckDeps } from '../../../shared/store/prerequisites.ts';
import { createProject, requireProject } from '../../../shared/store/projects.ts';
import { getSlot } from '../../../shared/store/slot.ts';
import { startDeployment } from '../../../shared/store/start-deployment.ts';
import { changeVersion, newVersion } from '../../../shared/store/versions.ts';
import { anEnvironment, aProject, ids } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { nobodyWatches } from '../../support/viewers.ts';
import { Engine, type StateName } from './engine.ts';
import { SimulatedTarget } from './target.ts';

const SHA = 'c0ffee'.padEnd(40, '0');
const actor = {
  tokenId: 'tok_1',
  subject: 'ann',
  kind: 'api',
  grants: [{ role: 'admin' }],
  groups: [],
} as const;

/** Where the hooks of tests are called. */
export const HOOK_HOST = 'hooks.example.com';

/** What a test wants to go wrong with a state's function. */
export type Crash = 'before' | 'after';

/**
 * The service without AWS around it: the real functions of steps, targets, relay and sweep over the real engine of
 * the store, an engine that follows the machine, a target that keeps what it serves, and runners that tests move.
 */
export class World {
  readonly store: TestStore;
  readonly engine: Engine;
  readonly target = new SimulatedTarget();
  readonly events: BusEvent[] = [];
  readonly archived = new Map<string, Uint8Array>();
  readonly crashes: Partial<Record<StateName, Crash>> = {};
  /** Refs that the repository has. */
  readonly refs = new Map([['main', SHA]]);
  liveStatus = 200;
  artifactsKept = true;
  busWorks = true;
  /** Does the stream reach the relay, and the status rule the steps? */
  relayWorks = true;
  ruleWorks = true;
  /** Tells agents of a job. */
  announce: () => Promise<void> = async () => {};
  /** Jobs whose agents were told that nobody wants them any more. */
  readonly calledOff: string[] = [];
  /** What the functions wrote to their own log, from warnings up. */
  readonly complaints: { readonly message: string; readonly error: unknown }[] = [];
  readonly #log: Log = {
    debug: () => {},
    info: () => {},
    warn: (message, facts) => void this.complaints.push({ message, error: facts?.['error'] }),
    error: (message, facts) => void this.complaints.push({ message, error: facts?.error }),
    with: () => this.#log,
  };
  readonly #seen = new Map<string, Deployment>();
  readonly #background = new Set<Promise<unknown>>();
  #nonce = 0;

  private constructor(store: TestStore) {
    this.store = store;
    this.engine = new Engine(store.clock);
    this.engine.invoke = (state, payload) => this.#invokeState(state, payload);
    this.engine.onEnded = ({ deploymentId }) => {
      if (this.ruleWorks) this.#inBackground(this.#reap(deploymentId, 'execution-ended'));
    };
  }

  static async create(
    given: { project?: Partial<Project>; environment?: Partial<Environment> } = {},
  ): Promise<World> {
    const store = await freshStore();
    const project = aProject({
      versionCount: 0,
      repository: { url: 'https://git.example.com/shop.git', defaultBranch: 'main' },
      settings: { runner: { kind: 'agent' } },
      ...given.project,
    });
    await transact(store, [...createProject(project), createEnvironment(anEnvironment(given.environment))]);
    return new World(store);
  }

  // --- what people do ---

  /** Creates a deployment and starts its machine, as `POST /deployments` does. */
  async deploy(body: Record<string, unknown> = {}): Promise<string> {
    const request = deploymentRequest.parse({ projectId: ids.project, ...body });
    const { deployment } = await startDeployment(this.#checkDeps(), {
      actor,
      body: request,
      mayDeploy: () => {},
      alsoWrite: () => [],
    });
    await this.engine.start(deployment.id);
    return deployment.id;
  }

  /** As `POST /deployments/{id}/rollback` does. */
  async rollback(id: string, body: Record<string, unknown> = {}): Promise<string> {
    const { deployment } = await startRollback(this.#checkDeps(), {
      actor,
      left: await this.deployment(id),
      body: rollbackRequest.parse({ reason: 'checkout is broken', ...body }),
      alsoWrite: () => [],
    });
    await this.engine.start(deployment.id, deployment.type);
    return deployment.id;
  }

  /** As `POST /deployments/{id}/retry` does. */
  async retry(id: string, force?: boolean): Promise<string> {
    const retry = { actor, parentId: id, force, alsoWrite: () => [] };
    const { deployment } = await startRetry(this.#checkDeps(), retry);
    await this.engine.start(deployment.id, deployment.type);
    return deployment.id;
  }

  /** As `POST /deployments/{id}/cancel` does. */
  cancel(id: string, reason = 'wrong branch'): Promise<Canceled> {
    return requestCancel(this.store, id, { by: 'ann', reason });
  }

  /** As `PATCH .../environments/production` does. */
  async changeEnvironment(changes: Partial<Environment>): Promise<void> {
    const environment = await requireEnvironment(this.store, ids.project, 'production');
    await changeEnvironment(this.store, environment, changes);
  }

  /** A version with its artifact, as an upload leaves it. */
  async uploadedVersion(): Promise<Version> {
    const project = await this.project();
    const source = { type: 'upload', sha256: 'a'.repeat(64), size: 1000 } as const;
    const { version, writes } = newVersion(this.store, project, {
      source,
      configuration: {},
      createdBy: 'ann',
    });
    await transact(this.store, writes);
    const artifact = { key: 'uploads/a.zip', digest: source.sha256, size: 1000, files: 3 };
    return changeVersion(this.store, version, { state: 'ready', artifact });
  }

  // --- what runners do ---

  /** False: the runner is of a release before hooks. */
  knowsHooks = true;

  claim(kind: JobKind = 'build'): Promise<Claimed | undefined> {
    this.#nonce += 1;
    return claimNextJob(this.store, {
      tokenId: 'tok_runner',
      nonce: `nonce-${String(this.#nonce).padStart(16, '0')}`,
      name: 'laptop',
      label: 'default',
      kinds: this.knowsHooks ? [kind, 'hook'] : [kind],
      serves: () => true,
    });
  }

  /** Waits until a job is there, claims it, and tells the deployment so. */
  async claimed(kind: JobKind = 'build'): Promise<Claimed> {
    const claimed = await this.until(async () => this.claim(kind));
    await noteClaim(this.store, claimed.job.deploymentId, claimNote(claimed.job));
    await beat(this.store, claimed.job.jobKey);
    return claimed;
  }

  report({ job }: Claimed, result: JobResult): Promise<'taken' | 'gone'> {
    return takeResult(this.store, { machine: this.engine, artifacts: this.#artifacts() }, job.jobKey, result);
  }

  /** A runner takes the next build and does it well. */
  async buildWell(): Promise<void> {
    await this.report(await this.claimed(), built());
  }

  // --- what time does ---

  advance(seconds: number): void {
    this.store.clock.advance(seconds * 1000);
  }

  /** One run of the sweep, and what it set going. */
  async sweep(): Promise<void> {
    await this.pump();
    await sweep(this.#relayDeps(), new AbortController().signal, {});
    await this.rest();
  }

  /** The stream: every deployment that changed since the last time goes through the relay. */
  async pump(): Promise<void> {
    if (!this.relayWorks) return;
    for (const id of this.engine.executions.keys()) await this.#relayChange(id);
  }

  async #relayChange(id: string): Promise<void> {
    const after = await getDeployment(this.store, id);
    const before = this.#seen.get(id);
    if (after === undefined || after.revision === before?.revision) return;
    this.#seen.set(id, after);
    await relay(this.#relayDeps(), { before, after, sequenceNumber: '1' }).catch(() => undefined);
  }

  /** Waits for whatever was set going behind the back of a test. */
  async rest(): Promise<void> {
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    await this.pump();
  }

  /** Waits until something is so, in real time; the virtual clock stands still. */
  async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (let n = 0; n < 400; n += 1) {
      await this.pump();
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('it did not come to that');
  }

  ended(id: string): Promise<Deployment> {
    return this.until(async () => {
      const deployment = await this.deployment(id);
      return 'finishedAt' in deployment ? deployment : undefined;
    });
  }

  /** The deployment once a stage runs. */
  inStage(id: string, stage: string): Promise<Deployment> {
    return this.until(async () => {
      const deployment = await this.deployment(id);
      return deployment.stages.some(({ name, status }) => name === stage && status === 'running')
        ? deployment
        : undefined;
    });
  }

  /** The deployment once its job is offered: nothing but a runner or time moves it on. */
  offered(id: string): Promise<Deployment> {
    return this.until(async () => {
      const deployment = await this.deployment(id);
      return deployment.deadlines.claim === undefined ? undefined : deployment;
    });
  }

  /** The deployment once its settlement has found that the target cannot be read. */
  foundUnreadable(id: string): Promise<Deployment> {
    return this.until(async () => {
      const deployment = await this.deployment(id);
      return deployment.note?.startsWith('What the environment serves cannot be read')
        ? deployment
        : undefined;
    });
  }

  // --- what can be seen ---

  deployment = (id: string) => requireDeployment(this.store, id);
  slot = () => getSlot(this.store, ids.project, 'production');
  project = (): Promise<Project> => requireProject(this.store, ids.project);
  async log(id: string): Promise<string[]> {
    const { lines } = await readLines(this.store, id, { place: { after: 0 }, limit: 1000 });
    return lines.map(({ message }) => message);
  }
  /** The lines of one step. */
  async steps(id: string, step: string): Promise<string[]> {
    const { lines } = await readLines(this.store, id, { place: { after: 0 }, limit: 1000 });
    return lines.filter((line) => line.step === step).map(({ message }) => message);
  }
  isArchived = (id: string) => this.archived.has(archiveKey(id));

  // --- the parts ---

  async #invokeState(state: StateName, payload: Record<string, unknown>): Promise<unknown> {
    const crash = this.crashes[state];
    delete this.crashes[state];
    if (crash === 'before') throw new Error('Lambda.Unknown: the function was killed');
    const ofSteps = state !== 'release' && state !== 'verify' && state !== 'activate';
    const answer = await (ofSteps ? this.#steps(payload) : this.#targets(payload));
    if (crash === 'after') throw new Error('Lambda.Unknown: the function was killed');
    return answer;
  }

  #steps = (payload: unknown) => handleStep(payload, () => this.stepsDeps());
  #targets = (payload: unknown) => perform(() => this.#targetsDeps(), payload, new AbortController().signal);

  #reap = (deploymentId: string, reason: string) =>
    this.#steps({ op: 'reap', contract: STEP_CONTRACT, deploymentId, reason });

  #inBackground(work: Promise<unknown>): void {
    const kept: Promise<unknown> = work.catch(() => undefined).finally(() => this.#background.delete(kept));
    this.#background.add(kept);
  }

  #functions = {
    call: (_name: string, payload: unknown) => this.#targets(payload),
    send: async (name: string, payload: unknown) =>
      this.#inBackground(name === 'due' ? due(this.#dueDeps(), payload) : this.#steps(payload)),
  };

  #checkDeps(): CheckDeps {
    const artifacts = async () => ({ stored: async () => (this.artifactsKept ? { size: 1000 } : undefined) });
    return { store: this.store, artifacts };
  }

  stepsDeps(): StepsDeps {
    const { store } = this;
    const targets = targetsFunction(this.#functions, 'targets');
    return {
      store,
      machine: this.engine,
      targets: { ...targets, resolve: (id) => this.#resolve(id) },
      builds: { start: async () => 'build-1', stop: async () => {} },
      artifacts: this.#checkDeps().artifacts,
      announceJob: () => this.announce(),
      announceCancel: async (jobKey) => void this.calledOff.push(jobKey),
      say: speaker({ ...nobodyWatches, store }, this.#log),
      log: this.#log,
      defaultRunner: 'agent',
      apiUrl: 'https://api.test',
    };
  }

  /** The repository's side of a look-up; the protocol itself is tested where it is spoken. */
  async #resolve(id: string): Promise<ResolveAnswer> {
    const { source } = await this.deployment(id);
    const sha = this.refs.get(source.ref);
    return sha === undefined
      ? { kind: 'unknown-ref', known: [...this.refs.keys()] }
      : { kind: 'resolved', sha, ref: `refs/heads/${source.ref}` };
  }

  /** Messages of the observe queue that were not delivered yet. */
  readonly queued: unknown[] = [];

  /** Delivers what stands in the observe queue, each message as often as told to. */
  async deliverQueue(times = 1): Promise<void> {
    const messages = this.queued.splice(0);
    for (const message of messages) for (let n = 0; n < times; n += 1) await this.#targets(message);
  }

  #targetsDeps(): TargetsDeps {
    return {
      store: this.store,
      machine: this.engine,
      log: this.#log,
      secrets: this.#artifacts(),
      artifacts: this.#artifacts(),
      fetch: (request) => this.#fetch(request),
      target: async () => this.target,
      observeLater: async (call) => void this.queued.push(call),
      hideMessage: async () => {},
      pushLines: async () => {},
    };
  }

  /** Calls of hooks that arrived, in their order. */
  readonly called: GuardedRequest[] = [];
  /** What the address of a hook answers. */
  answerHook: (request: GuardedRequest) => number | Promise<number> = () => 200;

  async #fetch(request: GuardedRequest): Promise<GuardedResponse> {
    const { url } = request;
    const isHook = new URL(url).hostname === HOOK_HOST;
    if (isHook) this.called.push(request);
    const status = isHook ? await this.answerHook(request) : this.liveStatus;
    return { url, status, headers: {}, body: Buffer.from(isHook ? `said ${status}` : '') };
  }

  /** What was planned, by name; tests let it come. */
  readonly planned = new Map<string, { readonly at: number; readonly payload: unknown }>();
  readonly scheduler: Scheduler = {
    plan: async (name, at, payload) => void this.planned.set(name, { at, payload }),
    forget: async (name) => void this.planned.delete(name),
  };

  /** Delivers what was planned for now or earlier, as often as it is told to. */
  async deliver(times = 1): Promise<void> {
    const now = this.store.clock.now();
    for (const [name, { at, payload }] of [...this.planned]) {
      if (at > now) continue;
      this.planned.delete(name);
      for (let n = 0; n < times; n += 1) this.#inBackground(due(this.#dueDeps(), payload));
    }
    await this.rest();
  }

  #dueDeps(): DueDeps {
    const { bus } = this.#relayDeps();
    return {
      ...this.#checkDeps(),
      machine: this.engine,
      scheduler: this.scheduler,
      bus,
      log: this.#log,
    };
  }

  #relayDeps(): RelayDeps & SweepDeps {
    return {
      sockets: { ...nobodyWatches, store: this.store },
      machine: this.engine,
      functions: this.#functions,
      stepsFunction: 'steps',
      dueFunction: 'due',
      bus: {
        publish: async (events: readonly BusEvent[]) => {
          if (!this.busWorks && events.length > 0) throw new Error('the bus is down');
          this.events.push(...events);
        },
      },
      archive: this.#archive(),
      log: this.#log,
    };
  }

  #archive(): ArchiveObjects {
    return {
      read: async (key: string) => this.archived.get(key),
      write: async (key: string, bytes: Uint8Array) => void this.archived.set(key, bytes),
      remove: async (key: string) => void this.archived.delete(key),
    };
  }

  #artifacts(): Objects {
    return {
      size: async () => 1000,
      read: async () => undefined,
      write: async () => {},
      remove: async () => {},
      signPut: async () => ({ url: 'https://put.test', headers: {} }),
      signGet: async () => 'https://get.test',
    };
  }
}

export const built = (sha: string = SHA): JobResult => ({
  outcome: 'built',
  lines: 0,
  artifact: { digest: 'b'.repeat(64), size: 1000, files: 3 },
  commit: { sha, message: 'Add a page', author: 'Ann' },
  seconds: 12,
});

export const hooked = (): JobResult => ({ outcome: 'hooked', lines: 0, seconds: 2 });

export const failedHook = (name: string, exitCode: number): JobResult => ({
  outcome: 'failed',
  lines: 0,
  failure: {
    code: 'HOOK_FAILED',
    step: `hook:${name}`,
    message: `The hook ${name} exited with ${exitCode}.\nlast words`,
    exitCode,
    retryable: false,
    suggestion: 'Read its last lines.',
  },
});

export const failedBuild = (exitCode: number): JobResult => ({
  outcome: 'failed',
  lines: 0,
  failure: {
    code: 'BUILD_FAILED',
    step: 'build',
    message: `npm run build ended with exit code ${exitCode}.`,
    exitCode,
    retryable: false,
    suggestion: 'Read its last lines.',
  },
});
