import { FenceLost, OutcomeUnknown, StageFailed } from '../../../shared/errors/deployments.ts';
import type {
  Capabilities,
  Observed,
  Started,
  Target,
  TargetContext,
} from '../../../shared/targets/target.ts';
import { listen, type TestServer } from '../../support/http-server.ts';

/** What a call of the platform does besides its work: `before` it takes effect, or `after`. */
interface Fault {
  readonly when: 'before' | 'after';
  run(ctx: TargetContext): Promise<void> | void;
}

/** A hosting platform of one environment, with a real HTTP server in front that answers with what is live. */
export interface Platform extends AsyncDisposable {
  readonly target: Target;
  readonly server: TestServer;
  /** Release that visitors get; releases carry the id of their deployment. */
  live: string | undefined;
  /** Highest fence that switched it. */
  fence: number;
  readonly placed: Set<string>;
  readonly calls: string[];
  /** What `start` answers with; `done` by default. */
  startState: Started['state'];
  /** Answers of `observe`, in order; the last one stays. */
  observations: Observed[];
  /** Status that a page answers with, by path. */
  statuses: Map<string, number>;
  fault: { activate?: Fault; start?: Fault; serving?: Fault; restore?: Fault };
  readonly contexts: TargetContext[];
}

const STAGED = 'x-staged';

export async function openPlatform(over: Partial<Capabilities> = {}): Promise<Platform> {
  const capabilities: Capabilities = {
    strategies: ['all-at-once'],
    staging: true,
    instantRollback: true,
    cancel: true,
    logs: true,
    ...over,
  };
  const server = await listen((request, response) => {
    const staged = request.headers[STAGED];
    const release = typeof staged === 'string' && platform.placed.has(staged) ? staged : platform.live;
    response.statusCode = release === undefined ? 404 : (platform.statuses.get(request.url ?? '/') ?? 200);
    if (release !== undefined) response.setHeader('x-release', release);
    response.end('page');
  });

  const work = async (
    call: keyof Platform['fault'],
    ctx: TargetContext,
    effect: () => Promise<void> | void,
  ) => {
    platform.calls.push(call);
    platform.contexts.push(ctx);
    const fault = platform.fault[call];
    if (fault?.when === 'before') await fault.run(ctx);
    await effect();
    if (fault?.when === 'after') await fault.run(ctx);
  };

  const switchTo = async (ctx: TargetContext, release: string | undefined) => {
    await ctx.assertMayChange();
    if (ctx.fence < platform.fence) throw new FenceLost('A newer owner has switched the environment.');
    platform.fence = ctx.fence;
    platform.live = release;
  };

  const url = `http://${server.host}`;
  const platform: Platform = {
    server,
    live: undefined,
    fence: 0,
    placed: new Set(),
    calls: [],
    contexts: [],
    startState: 'done',
    observations: [],
    statuses: new Map(),
    fault: {},
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    target: {
      capabilities,
      prepare: async () => {},
      start: async (ctx) => {
        await work('start', ctx, async () => {
          if (!capabilities.staging) await switchTo(ctx, ctx.deploymentId);
          platform.placed.add(ctx.deploymentId);
        });
        const stagedUrl = capabilities.staging ? `${url}/?preview=${ctx.deploymentId}` : undefined;
        return { releaseId: ctx.deploymentId, state: platform.startState, stagedUrl };
      },
      observe: async () => {
        const [next, ...rest] = platform.observations;
        if (rest.length > 0) platform.observations = rest;
        if (next === undefined) throw new OutcomeUnknown('The platform did not answer.');
        return next;
      },
      activate: (ctx) =>
        work('activate', ctx, async () => {
          if (ctx.releaseId === undefined) throw new StageFailed('RELEASE_FAILED', 'There is no release.');
          if (capabilities.staging) await switchTo(ctx, ctx.releaseId);
        }),
      serving: async (ctx) => {
        await work('serving', ctx, () => {});
        return platform.live === undefined
          ? {}
          : { deploymentId: platform.live, releaseId: platform.live, url };
      },
      cancel: async () => true,
      restore: (ctx) => work('restore', ctx, () => switchTo(ctx, ctx.previous?.releaseId)),
      stagedAddress: async (ctx) => ({
        url,
        headers: { [STAGED]: ctx.releaseId ?? '' },
        expectHeader: { name: 'X-Release', value: ctx.releaseId ?? '' },
      }),
      liveAddress: async (ctx) => ({
        url,
        headers: {},
        expectHeader: { name: 'X-Release', value: ctx.releaseId ?? '' },
      }),
      cleanup: async () => {},
    },
  };
  return platform;
}
