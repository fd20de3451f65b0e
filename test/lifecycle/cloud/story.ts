import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ClaimedJob } from '../../../shared/contracts/jobs.ts';
import type { ServerFrame } from '../../../shared/contracts/realtime.ts';
import type { Deployment, Environment, Project, Slot } from '../../../shared/domain/records.ts';
import { isTerminal, type Status } from '../../../shared/domain/status.ts';
import { deploymentFromImage } from '../../../shared/store/deployment-item.ts';
import { Agent } from './agent.ts';
import { Cloud, type CloudSettings, type HttpAnswer } from './cloud.ts';
import type { Attributes } from './dynamo/evaluate.ts';
import type { Faults } from './faults.ts';
import { type KeptCloud, keepCloud, loadCloud } from './kept.ts';
import { DEPLOY_HOST } from './platform.ts';
import { asNobody, run, waiting } from './process.ts';

/** A person's program tries again for so long, so far apart (ms): longer than any fault lasts. */
const PATIENCE_MS = 900_000;
const RETRY_MS = 5000;
/** Nothing may take longer than this after its faults are over (ms): every deadline below, and the drain. */
export const HORIZON_MS = 90 * 60_000;

/** Short deadlines, so that a run is short; all within what people may set. */
const TIMEOUTS = { claimSeconds: 60, heartbeatSeconds: 30, buildSeconds: 180, deploymentSeconds: 900 };

const PEOPLE = ['admin', 'bob', 'eve'] as const;
export type Person = (typeof PEOPLE)[number];

export interface Given {
  readonly environment?: Partial<Record<keyof Environment, unknown>>;
  readonly project?: Partial<Record<keyof Project, unknown>>;
}

export interface KeptStory {
  readonly kept: KeptCloud;
  readonly tokens: Readonly<Record<Person, string>>;
  readonly project: { readonly id: string; readonly target: { readonly kind: string } };
  readonly runner: string;
  readonly claimed: ClaimedJob | undefined;
}

/**
 * One story in the words of the domain: people ask, runners build, time passes; and what can be seen of it.
 * `given` makes the installation without faults; from `begin` on faults may happen.
 */
export class Story {
  readonly cloud: Cloud;
  readonly agent: Agent;
  readonly projectId: string;
  /** Can the target move traffic in steps? */
  readonly moves: boolean;
  /** Tokens by who has them; `admin` starts everything. */
  readonly #tokens: Readonly<Record<Person, string>>;
  readonly #name: string;
  /** What the cancels were answered, by deployment. */
  readonly cancels: { readonly id: string; readonly at: number; readonly outcome: string }[] = [];
  /** When people asked for the next step of a rollout, from the first try to the last (ms). */
  readonly promotions: { readonly id: string; readonly from: number; readonly to: number }[] = [];
  /** Schedules that were made. */
  readonly planned: string[] = [];
  /** The moment that was planned last (ms). */
  plannedFor = 0;
  #keys = 0;
  /** Every status that any deployment was ever in. */
  readonly sawStatuses = new Set<Status>();
  /** Did anybody ever wait for the slot? */
  sawWaiter = false;

  private constructor(
    cloud: Cloud,
    tokens: Readonly<Record<Person, string>>,
    agent: Agent,
    project: { readonly id: string; readonly target: { readonly kind: string } },
    name: string,
  ) {
    this.cloud = cloud;
    this.agent = agent;
    this.projectId = project.id;
    this.moves = project.target.kind === 'site';
    this.#tokens = tokens;
    this.#name = name;
    cloud.records.listeners.push(({ key, after }) => {
      if (key.sk.startsWith('WAIT#')) this.sawWaiter = true;
      if (key.sk === 'DEP' && after !== undefined) this.sawStatuses.add(readDeployment(after).status);
    });
  }

  static async given(
    settings: CloudSettings,
    { environment = {}, project = {} }: Given = {},
  ): Promise<Story> {
    const cloud = new Cloud(settings);
    const tokens: Record<Person, string> = { admin: '', bob: '', eve: '' };
    for (const subject of PEOPLE) {
      const made = await setUp(cloud, () => cloud.functions.invoke('bootstrap', { subject }, 'bootstrap'));
      tokens[subject] = (made as { token: string }).token;
    }
    const token = tokens.admin;
    const runner = await setUp(cloud, () => cloud.http('POST', '/v1/runners', { name: 'laptop' }, token));
    const created = await setUp(cloud, () =>
      cloud.http(
        'POST',
        '/v1/projects',
        {
          name: 'shop',
          target: { kind: 'custom', url: `https://${DEPLOY_HOST}/hook`, secret: 'HOOK_SECRET' },
          repository: { url: 'https://git.example.com/shop.git', defaultBranch: 'main' },
          settings: { runner: { kind: 'agent' } },
          ...project,
        },
        token,
      ),
    );
    const made = expected(created, 201) as { id: string; target: { kind: string } };
    const place = `/v1/projects/${made.id}/environments/production`;
    const changes = { timeouts: TIMEOUTS, ...environment };
    expected(await setUp(cloud, () => cloud.http('PATCH', place, changes, token)), 200);
    const secret = {
      value: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      sensitive: true,
      use: 'runtime',
    };
    const put = () => cloud.http('PUT', `${place}/variables/HOOK_SECRET`, secret, token);
    if ((await setUp(cloud, put)).status >= 300) throw new Error('The variable was refused.');
    const agent = new Agent(cloud, (expected(runner, 201) as { token: string }).token);
    agent.start();
    return new Story(cloud, tokens, agent, made, 'production');
  }

  /** Goes on with a story that was kept. */
  static from(settings: CloudSettings, { kept, tokens, project, runner, claimed }: KeptStory): Story {
    const cloud = new Cloud({ ...settings, startAt: kept.now });
    loadCloud(cloud, kept);
    const agent = new Agent(cloud, runner);
    agent.claimed = claimed;
    agent.start();
    return new Story(cloud, tokens, agent, project, 'production');
  }

  /** All there is of it, so that it can be gone on with. */
  keep(): KeptStory {
    const project = { id: this.projectId, target: { kind: this.moves ? 'site' : 'custom' } };
    const { token: runner, claimed } = this.agent;
    return { kept: keepCloud(this.cloud), tokens: this.#tokens, project, runner, claimed };
  }

  /** From here on this may go wrong. */
  begin(faults: Faults): void {
    this.cloud.faults = faults;
  }

  // --- what people do ---

  /** A request of a person whose program tries again, with the same key, until it is answered. */
  async ask(method: string, path: string, body?: object, who: Person = 'admin'): Promise<HttpAnswer> {
    this.#keys += 1;
    const headers = method === 'POST' ? { 'idempotency-key': `key-${this.#keys}` } : {};
    const { timeline } = this.cloud;
    return run(timeline, 'person', async () => {
      const end = timeline.now + PATIENCE_MS;
      for (;;) {
        try {
          const answer = await this.cloud.http(method, path, body, this.#tokens[who], headers);
          if (answer.status < 500 || timeline.now > end) return answer;
        } catch {
          if (timeline.now > end) return { status: 599, body: undefined };
        }
        await waiting(() => timeline.pass(RETRY_MS));
      }
    });
  }

  /** Starts a deployment; undefined where it was refused. */
  async deploy(body: object = {}): Promise<string | undefined> {
    const answer = await this.ask('POST', '/v1/deployments', { projectId: this.projectId, ...body });
    return answer.status === 202 ? (answer.body as { id: string }).id : undefined;
  }

  /** Somebody opens the page of a deployment and looks on; told of every frame. */
  async watch(id: string, hear: (frame: ServerFrame) => void = () => {}): Promise<void> {
    await this.ask('GET', `/v1/deployments/${id}`);
    const send = await this.cloud.sockets.connect(this.#tokens.admin, hear);
    await send({ action: 'subscribe', topic: `deployment:${id}`, after: 0 });
  }

  /** Asks for the end of a deployment; what was answered is kept for the invariants. */
  async cancel(id: string): Promise<void> {
    const answer = await this.ask('POST', `/v1/deployments/${id}/cancel`, { reason: 'a mistake' });
    const { outcome = `refused ${answer.status}` } = (answer.body ?? {}) as { outcome?: string };
    this.cancels.push({ id, at: this.cloud.timeline.now, outcome });
  }

  /** Leaves what is live for what was before it. */
  async rollback(id = this.served): Promise<string | undefined> {
    if (id === undefined) return undefined;
    const answer = await this.ask('POST', `/v1/deployments/${id}/rollback`, { reason: 'it is broken' });
    return answer.status === 202 ? (answer.body as { id: string }).id : undefined;
  }

  /** Starts a deployment that has failed again. */
  async retry(id: string): Promise<string | undefined> {
    const answer = await this.ask('POST', `/v1/deployments/${id}/retry`, {});
    return answer.status === 202 ? (answer.body as { id: string }).id : undefined;
  }

  /** Does not wait for the end of a bake. */
  async promote(id: string, body: object = {}): Promise<HttpAnswer> {
    const from = this.cloud.timeline.now;
    // Noted before it arrives, and again with its end: what it sets going may come before its answer.
    this.promotions.push({ id, from, to: Number.POSITIVE_INFINITY });
    const answer = await this.ask('POST', `/v1/deployments/${id}/promote`, body);
    this.promotions.splice(-1, 1, { id, from, to: this.cloud.timeline.now });
    return answer;
  }

  /** Ends a rollout. */
  abort(id: string): Promise<HttpAnswer> {
    return this.ask('POST', `/v1/deployments/${id}/abort`, {});
  }

  /** Frees the slot of what has ended and is still draining. */
  releaseSlot(): Promise<HttpAnswer> {
    const path = `/v1/projects/${this.projectId}/environments/${this.#name}/slot/release`;
    return this.ask('POST', path, { reason: 'the server was looked at' });
  }

  /** Waits until people are asked, and agrees as one of them. */
  async approve(id: string, who: Person): Promise<HttpAnswer> {
    await this.until(() => this.deployment(id)?.status === 'awaiting-approval' || this.hasEnded(id));
    return this.ask('POST', `/v1/deployments/${id}/approve`, {}, who);
  }

  reject(id: string, who: Person): Promise<HttpAnswer> {
    return this.ask('POST', `/v1/deployments/${id}/reject`, { reason: 'not now' }, who);
  }

  /** Plans a deployment for so long (ms) from now; the answer is the schedule's id. */
  async plan(ms: number, more: object = {}): Promise<string | undefined> {
    const at = new Date(Math.floor(this.cloud.timeline.now + ms)).toISOString();
    this.plannedFor = Date.parse(at);
    const answer = await this.ask('POST', '/v1/schedules', { projectId: this.projectId, at, ...more });
    if (answer.status !== 201) return undefined;
    const { id } = answer.body as { id: string };
    this.planned.push(id);
    return id;
  }

  /** Freezes everything from now on for so long. */
  async freeze(ms: number): Promise<string | undefined> {
    const { now } = this.cloud.timeline;
    const [from, to] = [now - 1000, now + ms].map((at) => new Date(Math.floor(at)).toISOString());
    const answer = await this.ask('POST', '/v1/freezes', { from, to, reason: 'the holidays' });
    return answer.status === 201 ? (answer.body as { id: string }).id : undefined;
  }

  /** Changes of the environment's settings. */
  change(changes: object): Promise<HttpAnswer> {
    return this.ask('PATCH', `/v1/projects/${this.projectId}/environments/${this.#name}`, changes);
  }

  // --- what time brings ---

  pass(ms: number): Promise<void> {
    return this.cloud.timeline.pass(ms);
  }

  /** Waits until something is so; gives up after `ms`. */
  async until(isSo: () => boolean, ms = HORIZON_MS): Promise<boolean> {
    const { timeline } = this.cloud;
    const end = timeline.now + ms;
    while (!isSo() && timeline.now < end) await timeline.pass(50);
    return isSo();
  }

  ended = (id: string | undefined) => this.until(() => id === undefined || this.hasEnded(id));
  hasEnded = (id: string) => isTerminal(this.deployment(id)?.status ?? 'created');
  /** Does this step (from 0) of a rollout bake? */
  bakes = (id: string | undefined, step: number) => {
    const rollout = id === undefined ? undefined : this.deployment(id)?.rollout;
    return rollout?.step === step && rollout.until !== undefined;
  };
  /** Is this stage of the deployment running? */
  isIn = (id: string | undefined, stage: string) =>
    id !== undefined &&
    this.deployment(id)?.stages.some(({ name, status }) => name === stage && status === 'running') === true;

  // --- what can be seen, looked up behind the service's back ---

  deployments(): Deployment[] {
    const items = [...this.cloud.records.all()].filter(({ sk }) => sk?.S === 'DEP');
    return items.map(readDeployment);
  }

  deployment(id: string): Deployment | undefined {
    const item = this.cloud.records.get(`DEP#${id}`, 'DEP');
    return item === undefined ? undefined : readDeployment(item);
  }

  slot(): Partial<Slot> {
    const item = this.cloud.records.get(`ENV#${this.projectId}#${this.#name}`, 'SLOT');
    return item === undefined ? {} : (unmarshall({ ...item }) as Partial<Slot>);
  }

  /** Who gets something else than most visitors do. */
  get shared() {
    return this.cloud.platform.sharing(this.projectId, this.#name);
  }

  get served(): string | undefined {
    return this.cloud.platform.serving(this.projectId, this.#name);
  }
}

const known = new WeakMap<Attributes, Deployment>();

/** Items never change, only what stands at a key does; so each is read once. */
export function readDeployment(item: Attributes): Deployment {
  const found = known.get(item) ?? deploymentFromImage(item);
  known.set(item, found);
  return found;
}

/** Runs something on the timeline until it is done, without faults. */
async function setUp<T>(cloud: Cloud, work: () => Promise<T>): Promise<T> {
  let outcome: { readonly value: T } | undefined;
  let failure: unknown;
  asNobody(work).then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      failure = error ?? new Error('It failed.');
    },
  );
  await cloud.timeline.run(() => outcome !== undefined || failure !== undefined, cloud.timeline.now + 60_000);
  if (outcome === undefined) throw new Error('The installation could not be made.', { cause: failure });
  return outcome.value;
}

function expected(answer: HttpAnswer, status: number): unknown {
  if (answer.status === status) return answer.body;
  throw new Error(`Expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
}
