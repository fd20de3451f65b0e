import { OutcomeUnknown, StageFailed } from '../../../shared/errors/deployments.ts';
import type { Target, TargetContext } from '../../../shared/targets/target.ts';

/** How a call of the target goes wrong. */
export type Fault = 'refused' | 'no-answer' | 'no-answer-but-done' | 'lands-later';

/** A target that keeps what it really serves, whatever the records say about it. */
export class SimulatedTarget implements Target {
  readonly capabilities = {
    strategies: ['all-at-once', 'blue-green', 'canary'],
    staging: true,
    instantRollback: true,
    cancel: true,
    logs: false,
  } as const;
  /** Deployment that is served now. */
  served: string | undefined;
  /** Who else is served to some of the visitors. */
  share: { readonly deploymentId: string; readonly percent: number } | undefined;
  /** Everything that was ever served, in order. */
  readonly history: (string | undefined)[] = [];
  readonly releases = new Set<string>();
  readable = true;
  /** Next calls that go wrong, by method. */
  readonly faults: Partial<Record<'start' | 'activate' | 'restore', Fault>> = {};
  /** What a call that lands later will do. */
  late: (() => void) | undefined;

  prepare = async () => {};

  start = async ({ deploymentId }: TargetContext) => {
    await this.#call('start', () => this.releases.add(deploymentId));
    return { releaseId: `rel-${deploymentId}`, state: 'done' } as const;
  };

  observe = async () => ({ status: 'succeeded', lines: [] }) as const;

  activate = async (ctx: TargetContext) => {
    await ctx.assertMayChange();
    await this.#call('activate', () => this.#serve(ctx.deploymentId));
  };

  shift = async (ctx: TargetContext, percent: number) => {
    await ctx.assertMayChange();
    await this.#call('activate', () => {
      this.share = { deploymentId: ctx.deploymentId, percent };
    });
  };

  restore = async (ctx: TargetContext) => {
    await ctx.assertMayChange();
    await this.#call('restore', () => this.#serve(ctx.previous?.deploymentId));
  };

  serving = async () => {
    if (!this.readable) throw new OutcomeUnknown('The target does not answer.');
    const url = 'https://production.shop.test';
    const shares = this.share === undefined ? {} : { shares: [this.share] };
    return this.served === undefined ? { url } : { deploymentId: this.served, url, ...shares };
  };

  cancel = async () => true;
  stagedAddress = async () => undefined;
  liveAddress = async () => ({ url: 'https://production.shop.test', headers: {} });
  cleanup = async () => {};

  #serve(deploymentId: string | undefined): void {
    this.served = deploymentId;
    this.share = undefined;
    this.history.push(deploymentId);
  }

  async #call(method: 'start' | 'activate' | 'restore', effect: () => unknown): Promise<void> {
    const fault = this.faults[method];
    delete this.faults[method];
    if (fault === 'refused') throw new StageFailed('RELEASE_FAILED', 'The target refused.');
    if (fault === 'lands-later') this.late = () => void effect();
    if (fault === undefined || fault === 'no-answer-but-done') effect();
    if (fault !== undefined) throw new OutcomeUnknown('The target gave no answer.');
  }
}
