import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetSettings } from '../../../shared/domain/records.ts';
import { FenceLost, StageFailed } from '../../../shared/errors/deployments.ts';
import type { Target, TargetContext } from '../../../shared/targets/target.ts';

/** An environment nobody has deployed to yet. */
export interface FreshEnvironment<S extends TargetSettings> {
  /** The context of a new deployment with an artifact of its own; each has a higher fence than the one before. */
  deployment(overrides?: Partial<TargetContext<S>>): TargetContext<S>;
  /** The deployment whose release answers a visitor now, found out without the target. */
  served(): Promise<string | undefined>;
}

/** A target against a real counterpart. */
export interface TargetWorld<S extends TargetSettings> extends AsyncDisposable {
  readonly target: Target<S>;
  environment(): FreshEnvironment<S>;
}

/** What every target keeps, whatever hosts the app. Run by each target's own test file. */
export function targetContract<S extends TargetSettings>(
  name: string,
  open: () => Promise<TargetWorld<S>>,
  canShare = false,
): void {
  describe(`${name} keeps the contract of a target`, () => {
    let world: TargetWorld<S>;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(async () => {
      await world[Symbol.asyncDispose]();
    });

    test('can share visitors exactly where its capabilities name the canary', () => {
      expect(world.target.shift !== undefined).toBe(canShare);
      expect(world.target.capabilities.strategies.includes('canary')).toBe(canShare);
    });

    /** Prepare, start and, where it takes longer, observe: the release stage. */
    const released = async (ctx: TargetContext<S>): Promise<TargetContext<S>> => {
      await world.target.prepare(ctx);
      const started = await world.target.start(ctx);
      const context = { ...ctx, releaseId: started.releaseId };
      if (started.state === 'pending') await untilObserved(world.target, context);
      return context;
    };
    const live = async (ctx: TargetContext<S>): Promise<TargetContext<S>> => {
      const context = await released(ctx);
      await world.target.activate(context);
      return context;
    };

    test('an environment that was never deployed to serves nothing', async () => {
      const { deployment, served } = world.environment();
      const serving = await world.target.serving(deployment());
      expect(serving.deploymentId).toBeUndefined();
      expect(await served()).toBeUndefined();
    });

    test('an activated release is served, and the target reads back the same', async () => {
      const { deployment, served } = world.environment();
      const ctx = await live(deployment());
      expect(await served()).toBe(ctx.deploymentId);
      expect(await world.target.serving(ctx)).toMatchObject({
        deploymentId: ctx.deploymentId,
        releaseId: ctx.releaseId,
      });
    });

    test('a started release is not live where the target can stage', async () => {
      const { deployment, served } = world.environment();
      const first = await live(deployment());
      const second = await released(deployment());
      const expected = world.target.capabilities.staging ? first.deploymentId : second.deploymentId;
      expect(await served()).toBe(expected);
    });

    test('start and activate are safe to repeat', async () => {
      const { deployment, served } = world.environment();
      const ctx = await released(deployment());
      expect((await world.target.start(ctx)).releaseId).toBe(ctx.releaseId);
      await world.target.activate(ctx);
      await world.target.activate(ctx);
      expect(await served()).toBe(ctx.deploymentId);
    });

    test('an activation with an older fence is refused and changes nothing', async () => {
      const { deployment, served } = world.environment();
      const late = await released(deployment());
      const newer = await live(deployment());
      await expect(world.target.activate(late)).rejects.toBeInstanceOf(FenceLost);
      expect(await served()).toBe(newer.deploymentId);
    });

    test('who may not change the environment any more changes nothing', async () => {
      const { deployment, served } = world.environment();
      const before = await live(deployment());
      const lost = await released(deployment());
      const refusal = new FenceLost('Settlement began.');
      const assertMayChange = () => Promise.reject(refusal);
      await expect(world.target.activate({ ...lost, assertMayChange })).rejects.toBe(refusal);
      expect(await served()).toBe(before.deploymentId);
    });

    test('a call whose time is up is refused and changes nothing', async () => {
      const { deployment, served } = world.environment();
      const before = await live(deployment());
      const late = await released(deployment());
      await expect(world.target.activate({ ...late, signal: AbortSignal.abort() })).rejects.toThrow();
      expect(await served()).toBe(before.deploymentId);
    });

    test('restore goes back to what was live before, and may be repeated', async () => {
      const { deployment, served } = world.environment();
      const before = await live(deployment());
      const previous = { deploymentId: before.deploymentId, releaseId: before.releaseId ?? '' };
      const ctx = await live(deployment({ previous }));
      await world.target.restore(ctx);
      await world.target.restore(ctx);
      expect(await served()).toBe(before.deploymentId);
      expect((await world.target.serving(ctx)).deploymentId).toBe(before.deploymentId);
    });

    test('restore bars an activation that is still on its way', async () => {
      const { deployment, served } = world.environment();
      const before = await live(deployment());
      const previous = { deploymentId: before.deploymentId, releaseId: before.releaseId ?? '' };
      await released(deployment({ previous })).then((ctx) => world.target.restore(ctx));
      await expect(world.target.activate({ ...before })).rejects.toBeInstanceOf(FenceLost);
      expect(await served()).toBe(before.deploymentId);
    });

    if (canShare)
      describe('where visitors can be shared between two releases', () => {
        const shift = (ctx: TargetContext<S>, percent: number) => world.target.shift?.(ctx, percent);

        test('some get the new release and the others what was live; both are read back', async () => {
          const { deployment, served } = world.environment();
          const before = await live(deployment());
          const ctx = await released(deployment());
          await shift(ctx, 20);
          await shift(ctx, 20);
          expect(await world.target.serving(ctx)).toMatchObject({
            deploymentId: before.deploymentId,
            shares: [{ deploymentId: ctx.deploymentId, percent: 20 }],
          });
          expect([before.deploymentId, ctx.deploymentId]).toContain(await served());
          expect(await visitsOf(served, 60)).toEqual(new Set([before.deploymentId, ctx.deploymentId]));
        });

        test('an activation gives it to everybody, and a restore takes it from everybody', async () => {
          const { deployment, served } = world.environment();
          const before = await live(deployment());
          const previous = { deploymentId: before.deploymentId, releaseId: before.releaseId ?? '' };
          const ctx = await released(deployment({ previous }));
          await shift(ctx, 50);
          await world.target.activate(ctx);
          expect((await world.target.serving(ctx)).shares).toBeUndefined();
          expect(await visitsOf(served, 30)).toEqual(new Set([ctx.deploymentId]));
          const next = await released(
            deployment({ previous: { ...previous, ...ctx, releaseId: ctx.releaseId ?? '' } }),
          );
          await shift(next, 50);
          await world.target.restore(next);
          expect((await world.target.serving(next)).shares).toBeUndefined();
          expect(await visitsOf(served, 30)).toEqual(new Set([ctx.deploymentId]));
        });

        test('a share that comes late moves nobody back, nor does one of an older fence', async () => {
          const { deployment } = world.environment();
          await live(deployment());
          const old = await released(deployment());
          const ctx = await released(deployment());
          await shift(ctx, 50);
          await expect(shift(ctx, 10)).rejects.toBeInstanceOf(FenceLost);
          await expect(shift(old, 90)).rejects.toBeInstanceOf(FenceLost);
          expect((await world.target.serving(ctx)).shares).toMatchObject([{ percent: 50 }]);
          await world.target.activate(ctx);
          await expect(shift(ctx, 50)).rejects.toBeInstanceOf(FenceLost);
        });

        test('where nothing is live there is nobody to share visitors with', async () => {
          const { deployment } = world.environment();
          const ctx = await released(deployment());
          await expect(shift(ctx, 10)).rejects.toBeInstanceOf(StageFailed);
        });
      });

    test('cancel says whether the platform has stopped, and may be repeated', async () => {
      const ctx = await released(world.environment().deployment());
      const answers = [await world.target.cancel(ctx), await world.target.cancel(ctx)];
      expect(answers.every((answer) => typeof answer === 'boolean')).toBe(true);
    });

    test('a release that is not live can be removed, twice; the live one goes on being served', async () => {
      const { deployment, served } = world.environment();
      const old = await live(deployment());
      const ctx = await live(deployment());
      await world.target.cleanup(ctx, old.releaseId ?? '');
      await world.target.cleanup(ctx, old.releaseId ?? '');
      expect(await served()).toBe(ctx.deploymentId);
    });
  });
}

/** What so many visitors without a cookie get. */
async function visitsOf(served: () => Promise<string | undefined>, count: number) {
  return new Set(await Promise.all(Array.from({ length: count }, served)));
}

/** Polls as the observe queue does, with an end. */
async function untilObserved<S extends TargetSettings>(
  target: Target<S>,
  ctx: TargetContext<S>,
): Promise<void> {
  let cursor: string | undefined;
  for (let look = 0; look < 50; look += 1) {
    const observed = await target.observe(ctx, cursor);
    if (observed.status === 'succeeded') return;
    expect(['queued', 'building', 'deploying']).toContain(observed.status);
    cursor = observed.cursor;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect.unreachable('The release did not end.');
}
