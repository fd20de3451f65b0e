import { gunzipSync } from 'node:zlib';
import { logLine } from '../../shared/contracts/logs.ts';
import type { LogEnd } from '../../shared/domain/log.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { closeLog } from '../../shared/platform/log-closing.ts';
import { publishLines, publishStatus } from '../../shared/platform/sockets.ts';
import { deploymentItem } from '../../shared/store/deployment-item.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import { putItem, transact } from '../../shared/store/engine.ts';
import { claimNextJob } from '../../shared/store/job-claims.ts';
import { offerJob } from '../../shared/store/jobs.ts';
import { archiveKey } from '../../shared/store/log-archive-keys.ts';
import { appendLines, readTail } from '../../shared/store/log-chain.ts';
import { newToken } from '../../shared/store/tokens.ts';
import { Timeline } from '../lifecycle/cloud/timeline.ts';
import { Chance } from '../sim/chance.ts';
import { givenDeployment, givenProject } from '../support/given.ts';
import type { TestStore } from '../support/store.ts';
import { Canaries } from './canaries.ts';
import { Chain, LineCheck } from './check.ts';
import { isWarning, type Job, produce } from './producer.ts';
import { Service } from './service.ts';
import { determineAll } from './time.ts';
import { Viewer, type ViewerPlan } from './viewer.ts';

export interface Ask {
  readonly seed: number;
  readonly deployments: number;
  /** Lines of builds, of all deployments together. */
  readonly lines: number;
  /** Times that a viewer's line is cut, likewise. */
  readonly reconnects: number;
}

export interface Played {
  readonly seed: number;
  readonly lines: number;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  readonly leaked: number;
  /** What else is not as it should be. */
  readonly wrong: readonly string[];
  readonly reconnects: number;
  readonly pushes: number;
  readonly pushesLost: number;
  readonly deaths: number;
  readonly ways: readonly string[];
}

const START = Date.UTC(2026, 0, 5, 9);
const PRODUCERS = ['b', 'h'];
/**
 * Virtual time after which nobody waits any more (ms): for each line, twice what its producer takes with batches of the
 * usual size; and what a closing that dies again and again may take. Much longer would be hours of virtual time in
 * which a world with a planted bug, whose producers or viewers never come to an end, does nothing but fill its log.
 */
const OVER_MS = { line: 25, rest: 15 * 60_000 };

/** One service with some deployments, all at once: plays it to its end and counts what came of it. */
export async function play(ask: Ask): Promise<Played> {
  const timeline = new Timeline(START);
  determineAll(timeline, ask.seed);
  const chance = new Chance(ask.seed);
  const service = new Service(timeline, chance);
  const canaries = new Canaries(ask.seed);
  let leaked = 0;
  service.sink = (text) => {
    if (canaries.isIn(text)) leaked += 1;
  };
  service.gateway.sink = service.sink;
  const stories = Array.from(
    { length: ask.deployments },
    (_, i) => new Story(service, timeline, canaries, ask, i),
  );
  for (const story of stories)
    void story.play().catch((error: unknown) => story.wrong.push(`broke: ${String(error)}`));
  const isOver = () => stories.every((story) => story.isOver);
  const lines = Math.ceil(ask.lines / ask.deployments / PRODUCERS.length);
  await timeline.run(isOver, START + lines * OVER_MS.line + OVER_MS.rest);
  const checks = stories.flatMap((story) => story.checks());
  for (const [, bytes] of service.objects.all()) if (canaries.isIn(textOf(bytes))) leaked += 1;
  for (const text of service.stored()) if (canaries.isIn(text)) leaked += 1;
  const viewers = stories.flatMap((story) => story.viewers);
  const sum = (of: (check: LineCheck) => number) => checks.reduce((all, check) => all + of(check), 0);
  return {
    seed: ask.seed,
    lines: stories.reduce((all, story) => all + story.lines, 0),
    lost: sum(({ counts }) => counts.lost),
    repeated: sum(({ counts }) => counts.repeated),
    reordered: sum(({ counts }) => counts.reordered),
    leaked,
    wrong: [...checks.flatMap(({ wrong }) => wrong), ...stories.flatMap((story) => story.wrong)],
    reconnects: viewers.reduce((all, { opened }) => all + Math.max(0, opened - 1), 0),
    pushes: service.gateway.posts,
    pushesLost: service.gateway.lost,
    deaths: service.deaths,
    ways: [...new Set(viewers.flatMap(({ ways }) => [...ways]))].sort(),
  };
}

const textOf = (bytes: Uint8Array): string =>
  (bytes[0] === 0x1f ? gunzipSync(bytes) : Buffer.from(bytes)).toString('utf8');

/** One deployment: who writes its log, who watches it, and how it ends. */
class Story {
  readonly viewers: Viewer[] = [];
  readonly wrong: string[] = [];
  readonly #truth = new Map<string, string[]>();
  readonly #chain = new Chain();
  #end: LogEnd | undefined;
  readonly #service: Service;
  readonly #timeline: Timeline;
  readonly #canaries: Canaries;
  readonly #ask: Ask;
  readonly #i: number;
  #id = '';
  #isClosed = false;

  constructor(service: Service, timeline: Timeline, canaries: Canaries, ask: Ask, i: number) {
    this.#service = service;
    this.#timeline = timeline;
    this.#canaries = canaries;
    this.#ask = ask;
    this.#i = i;
  }

  get lines(): number {
    return [...this.#truth.values()].reduce((sum, { length }) => sum + length, 0);
  }

  get isOver(): boolean {
    return this.wrong.length > 0 || (this.#isClosed && this.viewers.every(({ done }) => done));
  }

  async play(): Promise<void> {
    const store = this.#store();
    const deployment = await givenDeployment(store, await givenProject(store), {
      status: 'building',
      stage: 'build',
    });
    this.#id = deployment.id;
    const lines = share(this.#ask.lines, this.#ask.deployments, this.#i);
    const jobs = await Promise.all(
      PRODUCERS.map((producer, round) => claimed(store, deployment, producer, round)),
    );
    const token = await viewerToken(store);
    for (const job of jobs) this.#truth.set(job.producer, []);
    for (const plan of this.#plans(token, lines)) this.#join(plan);
    await this.#work(jobs, lines);
  }

  /** Everybody who has the log, and what they make of it. */
  checks(): LineCheck[] {
    if (!this.#isClosed) this.wrong.push(`the log of deployment ${this.#i + 1} was never closed`);
    for (const { done, check } of this.viewers) if (!done) check.stuck();
    return [...this.viewers.map(({ check }) => check), this.#archived()];
  }

  /** Three on bad lines, one of them late; one with a filter; one that hardly ever gets a socket. */
  #plans(token: string, lines: number): (ViewerPlan & { readonly lateMs?: number })[] {
    const cuts = Math.ceil(this.#ask.reconnects / this.#ask.deployments / 4);
    const base = { deploymentId: this.#id, token, truth: this.#truth, chain: this.#chain, lines, cuts };
    const named = (name: string) => `viewer ${name} of deployment ${this.#i + 1}`;
    return [
      { ...base, who: named('one') },
      { ...base, who: named('two') },
      { ...base, who: named('late'), lateMs: 20_000 },
      { ...base, who: named('of warnings'), filter: { level: 'warn' }, wants: isWarning },
      { ...base, who: named('without sockets'), cuts: 0, withoutSockets: true },
    ];
  }

  #join({ lateMs = 0, ...plan }: ViewerPlan & { readonly lateMs?: number }): void {
    const viewer = new Viewer(this.#service, this.#timeline, plan);
    this.viewers.push(viewer);
    void this.#timeline.pass(lateMs).then(() => viewer.watch());
  }

  async #work(jobs: readonly Job[], lines: number): Promise<void> {
    let over = false;
    const posts = jobs.map((job, i) => {
      const truth = this.#truth.get(job.producer) ?? [];
      const plan = { job, lines: share(lines, jobs.length, i), truth };
      return produce(this.#service, this.#timeline, this.#canaries, plan);
    });
    const said = this.#saySomething(() => over);
    await Promise.all(posts);
    over = true;
    await said;
    await this.#close();
  }

  /** What stages and targets write into the same log meanwhile. */
  async #saySomething(isOver: () => boolean): Promise<void> {
    const { chance, posting } = this.#service;
    const store = this.#store();
    for (let k = 0; !isOver(); k += 1) {
      await this.#timeline.pass(chance.between(500, 3000));
      const line = {
        at: this.#timeline.now,
        level: 'info',
        step: 'release',
        source: 'system',
        message: `step ${k}`,
      } as const;
      const write = async () => {
        const { lines } = await appendLines(store, this.#id, 'steps', 'next', [line]);
        await publishLines({ store, ...posting }, this.#id, lines);
      };
      await this.#service.run('steps', write).catch(() => undefined);
    }
  }

  /** The deployment ends, and whoever closes its log may die over it. */
  async #close(): Promise<void> {
    const { posting, objects } = this.#service;
    const store = this.#store();
    const sockets = { store, ...posting };
    const ended = await ends(store, this.#id, new Date(this.#timeline.now).toISOString());
    for (;;) {
      const close = async () => {
        await publishStatus(sockets, ended);
        await closeLog(sockets, objects, ended);
      };
      const done = await this.#service.run('relay', close).then(
        () => true,
        () => false,
      );
      if (done) break;
      await this.#timeline.pass(60_000);
    }
    const last = await readTail(store, this.#id);
    this.#end = { lines: last.lines, hash: Buffer.from(last.hash).toString('hex') };
    this.#isClosed = true;
  }

  /** The archive, as one more reader. */
  #archived(): LineCheck {
    const check = new LineCheck(`the archive of deployment ${this.#i + 1}`, this.#truth, this.#chain);
    const bytes = [...this.#service.objects.all()].find(([key]) => key === archiveKey(this.#id))?.[1];
    if (bytes === undefined || this.#end === undefined) {
      check.stuck();
      return check;
    }
    for (const text of textOf(bytes).trim().split('\n')) check.take(logLine.parse(JSON.parse(text)));
    check.end(this.#end);
    return check;
  }

  #store(): TestStore {
    // The clock of the run stands where the run is; nobody here moves it.
    return this.#service.store as TestStore;
  }
}

const share = (all: number, parts: number, i: number) => Math.floor(all / parts) + (i < all % parts ? 1 : 0);

async function claimed(
  store: TestStore,
  deployment: Deployment,
  producer: string,
  round: number,
): Promise<Job> {
  const label = `${producer}-${deployment.id.slice(-6).toLowerCase()}`;
  const { job } = await offerJob(store, {
    deploymentId: deployment.id,
    projectId: deployment.projectId,
    environment: deployment.environment,
    kind: round === 0 ? 'build' : 'hook',
    round,
    runner: { kind: 'agent', label },
    timeouts: { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 7200 },
  });
  const nonce = `a-nonce-of-this-run-${deployment.id}-${producer}`;
  const asked = {
    tokenId: 'tok_1',
    nonce,
    name: 'host',
    label,
    kinds: ['build', 'hook'] as const,
    serves: () => true,
  };
  const claim = await claimNextJob(store, { ...asked, kinds: [...asked.kinds] });
  if (claim === undefined) throw new Error(`No job for ${label}.`);
  return { deploymentId: deployment.id, jobKey: job.jobKey, token: claim.jobToken, producer };
}

async function viewerToken(store: TestStore): Promise<string> {
  const facts = { name: 'viewer', subject: 'ada', groups: [], createdBy: 'root' };
  const made = newToken(store, { kind: 'api', grants: [{ role: 'viewer' }], ...facts });
  await transact(store, [made.write]);
  return made.secret;
}

/** The settled record, as settlement leaves it: its log is still to be closed. */
async function ends(store: TestStore, id: string, at: string): Promise<Deployment> {
  const current = await getDeployment(store, id);
  if (current === undefined) throw new Error(`${id} is gone.`);
  const ended: Deployment = {
    ...current,
    status: 'succeeded',
    finishedAt: at,
    durationSeconds: 60,
    closing: true,
    revision: current.revision + 1,
  };
  await putItem(store, deploymentItem(ended), { expression: 'attribute_exists(pk)' });
  return ended;
}
