import type { S3Client } from '@aws-sdk/client-s3';
import type { TargetSettings } from '../../domain/records.ts';
import { StageFailed } from '../../errors/deployments.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import { CAPABILITIES } from '../capabilities.ts';
import type { ProbeAddress, Serving, Target, TargetContext } from '../target.ts';
import { SitesBucket } from './bucket.ts';
import { cleanupRelease } from './cleanup.ts';
import type { NamedSite, SiteHosting } from './hosting.ts';
import type { KeyValues } from './key-values.ts';
import { placeRelease } from './place.ts';
import { PREVIEW_NAME, previewToken } from './preview.ts';
import { untilServed } from './probe.ts';
import { hostKey, PREVIEW_SECRET_KEY, RELEASE_HEADER, RELEASE_ID, siteId } from './site.ts';
import { readEntry, switchTo } from './switch.ts';

export type SiteSettings = Extract<TargetSettings, { kind: 'site' }>;
type Context = TargetContext<SiteSettings>;

export interface SiteDependencies {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly keys: KeyValues;
  readonly hosting: SiteHosting;
  /** For probes of addresses of our own; follows no redirects by itself. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
}

/** A link may be handed to a reviewer; a probe's token need not outlive the verify stage by much. */
const LINK_MS = 7 * 24 * 3600_000;
const PROBE_TOKEN_MS = 3600_000;
const SECRET_BYTES = 32;

/** Static sites on S3 and CloudFront (design: Targets). A release's id is the id of its deployment. */
export function siteTarget(deps: SiteDependencies): Target<SiteSettings> {
  const bucket = new SitesBucket(deps.s3, deps.bucket);
  const { keys, hosting } = deps;

  const entryOf = (ctx: Context) => readEntry(keys, ctx, ctx.signal);
  const token = async (ctx: Context, release: string, lifetimeMs: number): Promise<string> =>
    previewToken(await previewSecret(deps, ctx.signal), ctx, release, deps.clock.now() + lifetimeMs);

  return {
    capabilities: CAPABILITIES.site,

    async prepare(ctx) {
      const { host } = await hosting.ensure(named(ctx), ctx.signal);
      await pointHost(keys, host, ctx);
      await previewSecret(deps, ctx.signal);
    },

    async start(ctx) {
      await placeRelease(bucket, ctx);
      const address = await hosting.ensure(named(ctx), ctx.signal);
      const link = `${address.url}/?${PREVIEW_NAME}=${await token(ctx, ctx.deploymentId, LINK_MS)}`;
      return { releaseId: ctx.deploymentId, state: address.ready ? 'done' : 'pending', stagedUrl: link };
    },

    async observe(ctx) {
      const { ready } = await hosting.ensure(named(ctx), ctx.signal);
      if (ready) return { status: 'succeeded', lines: [] };
      return { status: 'deploying', message: 'CloudFront is rolling the distribution out.', lines: [] };
    },

    async activate(ctx) {
      await switchTo(keys, { ...change(ctx), release: ctx.releaseId ?? ctx.deploymentId });
    },

    async serving(ctx): Promise<Serving> {
      const liveRelease = async () => (await entryOf(ctx))?.release ?? undefined;
      if ((await liveRelease()) === undefined) return {};
      const address = await hosting.find(named(ctx), ctx.signal);
      if (address === undefined) return {};
      const release = await untilServed(deps, address.url, liveRelease, ctx.signal);
      if (release === undefined) return { url: address.url };
      return { deploymentId: release, releaseId: release, url: address.url };
    },

    // What runs here are calls of our own, bounded by the signal; nothing goes on by itself at AWS.
    cancel: async () => true,

    async restore(ctx) {
      await switchTo(keys, { ...change(ctx), release: previousRelease(ctx) });
    },

    async stagedAddress(ctx) {
      const release = ctx.releaseId ?? ctx.deploymentId;
      const cookie = `${PREVIEW_NAME}=${await token(ctx, release, PROBE_TOKEN_MS)}`;
      return probeAddress(await hosting.find(named(ctx), ctx.signal), release, { cookie });
    },

    async liveAddress(ctx) {
      return probeAddress(await hosting.find(named(ctx), ctx.signal), ctx.releaseId ?? ctx.deploymentId, {});
    },

    async cleanup(ctx, releaseId) {
      await cleanupRelease(bucket, releaseId, (await entryOf(ctx))?.release ?? undefined, ctx.signal);
    },
  };
}

/** Null where nothing was live. What was released to another kind of target cannot be served from here. */
function previousRelease({ previous }: Context): string | null {
  if (previous === undefined) return null;
  if (RELEASE_ID.test(previous.releaseId)) return previous.releaseId;
  throw new StageFailed('RELEASE_FAILED', 'What was live before is no release of a site.', {
    suggestion: 'The target was changed since; deploy a version that works.',
  });
}

const named = (ctx: Context): NamedSite => ({
  projectId: ctx.projectId,
  environment: ctx.environment,
  projectName: ctx.projectName,
});

const change = (ctx: Context) => ({
  site: ctx,
  fence: ctx.fence,
  signal: ctx.signal,
  assertMayChange: () => ctx.assertMayChange(),
});

const probeAddress = (
  address: { readonly url: string } | undefined,
  release: string,
  headers: Readonly<Record<string, string>>,
): ProbeAddress | undefined =>
  address && { url: address.url, headers, expectHeader: { name: RELEASE_HEADER, value: release } };

/**
 * Tells the viewer function which site answers at a host. A host belongs to whoever has the name now: a project
 * that took over the name of a renamed one gets its address too.
 */
const pointHost = (keys: KeyValues, host: string, ctx: Context): Promise<void> =>
  keys.change({
    key: hostKey(host),
    signal: ctx.signal,
    decide: (current) => (current === siteId(ctx) ? undefined : siteId(ctx)),
  });

/** The key that preview links are signed with; made by whoever needs it first. */
async function previewSecret(deps: SiteDependencies, signal: AbortSignal): Promise<string> {
  let secret = await deps.keys.get(PREVIEW_SECRET_KEY, signal);
  if (secret !== undefined) return secret;
  await deps.keys.change({
    key: PREVIEW_SECRET_KEY,
    signal,
    decide(current) {
      secret = current ?? deps.random.secret(SECRET_BYTES);
      return current === undefined ? secret : undefined;
    },
  });
  if (secret === undefined) throw new TypeError('decide ran at least once');
  return secret;
}
