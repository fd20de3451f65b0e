import { expect } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { EnvironmentRequest } from '../../shared/contracts/environments.ts';
import { deployZip, liveAt, newSecret, type Place, projectAt, startZip } from './custom-place.ts';
import { type CustomServer, startCustomServer } from './custom-server.ts';
import { type HeldBuild, heldBuild } from './held-build.ts';
import type { Hold } from './holds.ts';
import { sdk } from './scenario.ts';
import { type SilentServer, silentServer } from './silent-server.ts';
import { siteRepository } from './site-repository.ts';

export type HeldStage = 'gate' | 'build' | 'release' | 'verify' | 'activate' | 'settle';

/** What the server of a deployment does while that is in the stage. */
const AT_SERVER = { release: 'start', verify: 'staged', activate: 'activate' } as const;

/**
 * An environment with a live deployment at a server of its own, whose next one can be held in one stage as people's own
 * systems do it: by a repository that does not answer, a build that does not end, a server that takes its time.
 */
export class HeldPlace implements AsyncDisposable {
  readonly stage: HeldStage;
  readonly place: Place;
  /** Id of what was live before. */
  readonly good: string;
  readonly #parts: Parts;
  readonly #stack: AsyncDisposableStack;
  readonly #holds: Hold[] = [];

  private constructor(stage: HeldStage, parts: Parts, good: string, stack: AsyncDisposableStack) {
    this.stage = stage;
    this.place = parts.place;
    this.good = good;
    this.#parts = parts;
    this.#stack = stack;
  }

  static async for(stage: HeldStage, timeouts: EnvironmentRequest['timeouts'] = {}): Promise<HeldPlace> {
    await using stack = new AsyncDisposableStack();
    const secret = newSecret();
    const server = stack.use(await startCustomServer({ secret }));
    const silent = stack.use(await silentServer());
    const build = stack.use(await heldBuild());
    const place = await projectAt(server.url, secret, {
      // A ref over `https` is looked up by a function, over anything else by a runner.
      repository: stage === 'gate' ? `https://${silent.host}/app.git` : siteRepository().url,
      build: { buildCommand: build.wait, outputDirectory: '.' },
    });
    const settings = { timeouts, healthCheck: { timeoutSeconds: 30 } };
    unwrap(await sdk().environments.update(place.projectId, place.environment, settings));
    const good = await deployZip(place);
    expect(good.error).toBeUndefined();
    return new HeldPlace(stage, { place, server, silent, build }, good.id, stack.move());
  }

  /** Starts the next deployment, of the branch; what comes of it is held as it comes. */
  async start(): Promise<string> {
    const source = { type: 'branch', ref: 'main' } as const;
    return unwrap(await sdk().deployments.start({ ...this.place, source })).id;
  }

  /** Starts the next deployment, and gives its id once it is in the stage and stays there. */
  async begin(): Promise<string> {
    const { server, silent, build } = this.#parts;
    if (this.stage === 'gate' || this.stage === 'build') {
      const id = await this.start();
      await (this.stage === 'gate' ? silent : build).reached;
      return id;
    }
    if (this.stage !== 'settle') return this.#startHeldAt(AT_SERVER[this.stage]);
    // Whatever comes after the live check asks for the settlement.
    const id = await this.#startHeldAt('live');
    const readBack = server.hold('serving');
    this.release();
    this.#holds.push(readBack);
    await readBack.reached;
    return id;
  }

  async #startHeldAt(what: Parameters<CustomServer['hold']>[0]): Promise<string> {
    const hold = this.#parts.server.hold(what);
    this.#holds.push(hold);
    const { id } = unwrap(await startZip(this.#parts.place));
    await hold.reached;
    return id;
  }

  /** What was held goes on, where anything of it is left. */
  release(): void {
    for (const hold of this.#holds.splice(0)) hold.release();
  }

  /** Nobody has the slot, and what the record says is live is what the server serves. */
  async expectAtRest(live: string): Promise<void> {
    const { projectId, environment } = this.place;
    const { active, slot } = unwrap(await sdk().environments.get(projectId, environment));
    const served = await liveAt(this.#parts.server.address(projectId, environment));
    expect({ active, served, slot }).toEqual({ active: live, served: live, slot: {} });
  }

  /** The environment is as good as ever. */
  async expectNextToSucceed(): Promise<void> {
    const next = await deployZip(this.place);
    expect(next).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    await this.expectAtRest(next.id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.release();
    return this.#stack.disposeAsync();
  }
}

interface Parts {
  readonly place: Place;
  readonly server: CustomServer;
  readonly silent: SilentServer;
  readonly build: HeldBuild;
}
