import type { S3Client } from '@aws-sdk/client-s3';
import type { TargetSettings } from '../../domain/records.ts';
import { StageFailed } from '../../errors/deployments.ts';
import { PlatformUnavailable } from '../../errors/requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import { CAPABILITIES } from '../capabilities.ts';
import type { ProbeAddress, Serving, Target, TargetContext } from '../target.ts';
import { SitesBucket } from './bucket.ts';
import { cleanupRelease } from './cleanup.ts';
import type { NamedSite, SiteAddress, SiteHosting } from './hosting.ts';
import type { KeyValues } from './key-values.ts';
import { placeRelease } from './place.ts';
import { PREVIEW_NAME, previewToken } from './preview.ts';
import { untilServed } from './probe.ts';
import { shiftTo } from './shift.ts';
import { hostKey, manifestKey, PREVIEW_SECRET_KEY, RELEASE_HEADER, RELEASE_ID, siteId } from './site.ts';
import { readEntry, switchTo } from './switch.ts';
import { visitorCookie } from './visitor.ts';

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

/** Static sites on S3 and CloudFront (design: Targets). A release's id is the id of the deployment that placed it. */
export function siteTarget(deps: SiteDependencies): Target<SiteSettings> {
  const bucket = new SitesBucket(deps.s3, deps.bucket);
  const { keys, hosting } = deps;

  /** Of a site that has been prepared: that there is none means that somebody took it away, not that nothing is served. */
  const addressOf = async (ctx: Context): Promise<SiteAddress> => {
    const address = await hosting.find(named(ctx), ctx.signal);
    if (address !== undefined) return address;
    throw new PlatformUnavailable(`No address was found at which ${siteId(ctx)} is served.`, {
      suggestion: 'See whether its distribution was deleted; the next deployment makes a new one.',
    });
  };

  const entryOf = (ctx: Context) => readEntry(keys, ctx, ctx.signal);
  const token = async (ctx: Context, release: string, lifetimeMs: number): Promise<string> =>
    previewToken(await previewSecret(deps, ctx.signal), ctx, release, deps.clock.now() + lifetimeMs);

  const linkTo = async (ctx: Context, url: string, release: string): Promise<string> =>
    `${url}/?${PREVIEW_NAME}=${await token(ctx, release, LINK_MS)}`;

  return {
    capabilities: CAPABILITIES.site,

    async prepare(ctx) {
      const { host } = await hosting.ensure(named(ctx), ctx.signal);
      await takeFreeHost(keys, host, ctx);
      await previewSecret(deps, ctx.signal);
    },

    async start(ctx) {
      const releaseId = await placed(bucket, ctx);
      const address = await hosting.ensure(named(ctx), ctx.signal);
      const started = { releaseId, state: address.ready ? 'done' : 'pending' } as const;
      if (!(await ownsHost(keys, address.host, ctx))) {
        ctx.log('info', `${address.url} belongs to another site until this release goes live.`);
        return started;
      }
      return { ...started, stagedUrl: await linkTo(ctx, address.url, releaseId) };
    },

    async observe(ctx) {
      const { ready } = await hosting.ensure(named(ctx), ctx.signal);
      if (ready) return { status: 'succeeded', lines: [] };
      return { status: 'deploying', message: 'CloudFront is rolling the distribution out.', lines: [] };
    },

    async activate(ctx) {
      const release = ctx.releaseId ?? ctx.deploymentId;
      await switchTo(keys, { ...change(ctx), release, deployment: ctx.deploymentId });
      await takeHost(keys, (await addressOf(ctx)).host, ctx);
    },

    async serving(ctx): Promise<Serving> {
      const found = await entryOf(ctx);
      if (found === undefined || found.release === null) return {};
      const { url } = await addressOf(ctx);
      const entry = await untilServed(deps, url, () => entryOf(ctx), ctx.signal);
      if (entry?.release == null) return { url };
      const { release, deployment = release, weights } = entry;
      const shares = weights?.map((one) => ({
        deploymentId: one.deployment ?? one.release,
        percent: one.percent,
      }));
      return {
        deploymentId: deployment,
        releaseId: release,
        url,
        ...(shares === undefined ? {} : { shares }),
      };
    },

    async shift(ctx, percent) {
      const release = ctx.releaseId ?? ctx.deploymentId;
      await shiftTo(keys, { ...change(ctx), release, deployment: ctx.deploymentId, percent });
      await takeHost(keys, (await addressOf(ctx)).host, ctx);
    },

    // What runs here are calls of our own, bounded by the signal; nothing goes on by itself at AWS.
    cancel: async () => true,

    async restore(ctx) {
      const deployment = ctx.previous?.deploymentId;
      await switchTo(keys, { ...change(ctx), release: previousRelease(ctx), deployment });
    },

    async stagedAddress(ctx) {
      const address = await hosting.find(named(ctx), ctx.signal);
      if (address === undefined || !(await ownsHost(keys, address.host, ctx))) return undefined;
      const release = ctx.releaseId ?? ctx.deploymentId;
      const cookie = `${PREVIEW_NAME}=${await token(ctx, release, PROBE_TOKEN_MS)}`;
      return probeAddress(address, release, { cookie });
    },

    async liveAddress(ctx) {
      const release = ctx.releaseId ?? ctx.deploymentId;
      // Among the first visitors, who get the release as soon as anybody does.
      const cookie = visitorCookie(release, 0);
      return probeAddress(await hosting.find(named(ctx), ctx.signal), release, { cookie });
    },

    async previewLink(ctx, releaseId) {
      if (!RELEASE_ID.test(releaseId)) return undefined;
      return linkTo(ctx, (await addressOf(ctx)).url, releaseId);
    },

    async cleanup(ctx, releaseId) {
      const { release, weights = [] } = (await entryOf(ctx)) ?? {};
      const live = [release, ...weights.map((one) => one.release)];
      await cleanupRelease(bucket, releaseId, live, ctx.signal);
    },
  };
}

/** Id of the release: an earlier one that is brought back and still whole, else a new one of the artifact. */
async function placed(bucket: SitesBucket, ctx: Context): Promise<string> {
  const { again } = ctx;
  if (
    again !== undefined &&
    RELEASE_ID.test(again.releaseId) &&
    (await isWhole(bucket, again.releaseId, ctx))
  ) {
    ctx.log('info', `Release ${again.releaseId} is still there and goes live again as it is.`);
    return again.releaseId;
  }
  await placeRelease(bucket, ctx);
  return ctx.deploymentId;
}

/** The manifest is written last and removed first. */
async function isWhole(bucket: SitesBucket, release: string, { signal }: Context): Promise<boolean> {
  const key = manifestKey(release);
  return (await bucket.list(key, signal)).has(key);
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
 * The viewer function asks by host which site answers. A host belongs to whoever has the name now: a project that
 * took over the name of a deleted one gets its address too, but what is served there changes only with an activation.
 */
const takeHost = (keys: KeyValues, host: string, ctx: Context): Promise<void> =>
  keys.change({
    key: hostKey(host),
    signal: ctx.signal,
    mayPut: () => ctx.assertMayChange(),
    decide: (current) => (current === siteId(ctx) ? undefined : siteId(ctx)),
  });

/** Nothing is served at a host that nobody has, so that this changes nothing for a visitor. */
const takeFreeHost = (keys: KeyValues, host: string, ctx: Context): Promise<void> =>
  keys.change({
    key: hostKey(host),
    signal: ctx.signal,
    decide: (current) => (current === undefined ? siteId(ctx) : undefined),
  });

const ownsHost = async (keys: KeyValues, host: string, ctx: Context): Promise<boolean> =>
  (await keys.get(hostKey(host), ctx.signal)) === siteId(ctx);

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
