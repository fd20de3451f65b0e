import { isDeepStrictEqual } from 'node:util';
import type { CloudSettings } from '../lifecycle/cloud/cloud.ts';
import { violationsIn } from '../lifecycle/cloud/invariants.ts';
import { asNobody } from '../lifecycle/cloud/process.ts';
import { type Person, Story } from '../lifecycle/cloud/story.ts';
import type { Model, Modelled, Policy, Standing } from './model.ts';

/** After this everything has happened that needs nobody, a sweep or two among it (ms). */
const SETTLED_MS = 130_000;
const LONG_MS = 20 * 24 * 3600_000;

/** What of a deployment and of its environment is compared. */
interface Shown {
  readonly deployments: Readonly<Record<string, string>>;
  readonly line: readonly (string | undefined)[];
  readonly owner: string | undefined;
  readonly active: string | undefined;
  readonly served: string | undefined;
  readonly previousGood: string | undefined;
  readonly pin: string | undefined;
  readonly blocked: readonly (string | undefined)[];
}

/** The service in the harness, asked over its API only; deployments go by the names that the model gives them. */
export class Real {
  readonly story: Story;
  readonly #ids = new Map<string, string>();
  /** How each build ends, by deployment; what is not there goes on. */
  readonly #exitCodes = new Map<string, number>();
  readonly #bad = new Set<string>();
  #freeze: string | undefined;

  private constructor(story: Story) {
    this.story = story;
    let commits = 0;
    story.cloud.commitOf = () => {
      commits += 1;
      return String(commits).padStart(40, '0');
    };
    story.agent.plan = (id) => {
      const exitCode = this.#exitCodes.get(id);
      return exitCode === undefined ? { ms: Number.POSITIVE_INFINITY, exitCode: 0 } : { ms: 0, exitCode };
    };
    story.cloud.platform.pageStatus = (id) => (this.#bad.has(id) && story.served === id ? 500 : 200);
  }

  static async given(settings: CloudSettings, policy: Policy, approvals: boolean): Promise<Real> {
    const story = await Story.given(settings, {
      environment: {
        concurrency: policy,
        timeouts: { buildSeconds: 28_800, deploymentSeconds: 43_200 },
        healthCheck: { attempts: 1 },
        ...(approvals ? { approvals: { required: 1 } } : {}),
      },
    });
    return new Real(story);
  }

  async start(name: string): Promise<boolean> {
    return this.#created(name, '/v1/deployments', { projectId: this.story.projectId });
  }

  retry = (name: string, of: string) => this.#created(name, `/v1/deployments/${this.#id(of)}/retry`, {});
  rollback = (name: string, from: string) =>
    this.#created(name, `/v1/deployments/${this.#id(from)}/rollback`, { reason: 'it is broken' });
  cancel = (name: string) => this.#ask('POST', `/v1/deployments/${this.#id(name)}/cancel`, {});
  approve = (name: string) => this.#ask('POST', `/v1/deployments/${this.#id(name)}/approve`, {}, 'bob');
  policy = (concurrency: Policy) => this.#answer(() => this.story.change({ concurrency }));
  passes = (ms: number) => this.#until(ms);

  async buildEnds(name: string, well: boolean, live: boolean): Promise<void> {
    if (!live) this.#bad.add(this.#id(name));
    this.#exitCodes.set(this.#id(name), well ? 0 : 1);
    await this.#until(SETTLED_MS);
  }

  async freeze(begins: boolean): Promise<void> {
    if (begins) this.#freeze = await this.#answer(() => this.story.freeze(LONG_MS));
    else await this.#ask('DELETE', `/v1/freezes/${this.#freeze}`);
  }

  /** What is different from what the model says, as a text; undefined where nothing is. */
  async differs(model: Model): Promise<string | undefined> {
    await this.#until(SETTLED_MS);
    const [is, shall] = [await this.#shown(), shownBy(model)];
    if (isDeepStrictEqual(is, shall)) return undefined;
    return `the model says ${JSON.stringify(shall, undefined, 1)}\nthe service says ${JSON.stringify(is, undefined, 1)}`;
  }

  /** What may never be, once nothing goes on any more. */
  violations = () => violationsIn(this.story);

  async #shown(): Promise<Shown> {
    const { projectId } = this.story;
    const place = `/v1/projects/${projectId}/environments/production`;
    const { active, previousGood, pin, blocked, slot, queue } = (await this.#ask('GET', place))
      .body as EnvironmentView;
    const deployments: Record<string, string> = {};
    for (const [name, id] of this.#ids) {
      // The form of the deployment's view.
      const { status, releaseState } = (await this.#ask('GET', `/v1/deployments/${id}`)).body as {
        status: string;
        releaseState: string;
      };
      deployments[name] = `${standingOf(status)} ${releaseState}`;
    }
    return {
      deployments,
      line: queue.map(this.#name),
      owner: this.#name(slot.owner),
      active: this.#name(active),
      served: this.#name(this.story.served),
      previousGood: this.#name(previousGood),
      pin: this.#name(pin?.deploymentId),
      blocked: blocked.map(({ deploymentId }) => this.#name(deploymentId)),
    };
  }

  async #created(name: string, path: string, body: object): Promise<boolean> {
    const { status, body: made } = await this.#ask('POST', path, body);
    if (status !== 202) return false;
    this.#ids.set(name, (made as { id: string }).id);
    return true;
  }

  #ask = (method: string, path: string, body?: object, who?: Person) =>
    this.#answer(() => this.story.ask(method, path, body, who));

  async #answer<T>(ask: () => Promise<T>): Promise<T> {
    let found: { readonly value: T } | undefined;
    asNobody(ask).then((value) => {
      found = { value };
    });
    const { timeline } = this.story.cloud;
    await timeline.run(() => found !== undefined, timeline.now + 60_000);
    if (found === undefined) throw new Error('It was not answered.');
    return found.value;
  }

  #until(ms: number): Promise<void> {
    const { timeline } = this.story.cloud;
    return timeline.run(() => false, timeline.now + ms);
  }

  #id(name: string): string {
    const id = this.#ids.get(name);
    if (id === undefined) throw new TypeError(`The service knows no ${name}.`);
    return id;
  }

  #name = (id: string | undefined): string | undefined =>
    [...this.#ids].find(([, known]) => known === id)?.[0] ?? id;
}

interface EnvironmentView {
  readonly active?: string;
  readonly previousGood?: string;
  readonly pin?: { readonly deploymentId: string };
  readonly blocked: readonly { readonly deploymentId: string }[];
  readonly slot: { readonly owner?: string };
  readonly queue: readonly string[];
}

const WORDS: Readonly<Record<string, Standing>> = {
  'awaiting-approval': 'asked',
  queued: 'waiting',
  held: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
};
const standingOf = (status: string): string => WORDS[status] ?? 'running';

const shownBy = (model: Model): Shown => ({
  deployments: Object.fromEntries(
    model.all().map(({ name, standing, release }: Modelled) => [name, `${standing} ${release}`]),
  ),
  line: model.line.map(({ name }) => name),
  owner: model.owner,
  active: model.active,
  served: model.active,
  previousGood: model.previousGood,
  pin: model.pin?.by,
  blocked: model.blocked.map(({ by }) => by),
});
