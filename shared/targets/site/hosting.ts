import * as z from 'zod/mini';
import type { Site } from './site.ts';

const text = z.string().check(z.minLength(1));

/**
 * The operator's setting SITE_HOSTING: where sites get their addresses from. Written by infra (domain,
 * distributions) or by `npm start` (edge).
 */
export const siteHostingSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('domain'),
    /** Sites are `https://<environment>--<project>.<siteDomain>`, all behind one wildcard distribution. */
    siteDomain: text,
    /** Domain name of that distribution: where the wildcard DNS record has to point. */
    distributionDomain: text,
  }),
  z.strictObject({
    kind: z.literal('distributions'),
    /** Told apart from distributions of other installations in the account. */
    installation: text,
    bucketDomain: text,
    bucketAccessControlId: text,
    missDomain: text,
    missAccessControlId: text,
    cachePolicyId: text,
    viewerRequestArn: text,
    viewerResponseArn: text,
    priceClass: z.enum(['PriceClass_100', 'PriceClass_200', 'PriceClass_All']),
  }),
  z.strictObject({
    kind: z.literal('edge'),
    /** Admin address of local/edge, with its token in the path. */
    adminUrl: text,
  }),
]);
export type SiteHostingSettings = z.infer<typeof siteHostingSettings>;
export type HostingOf<Kind extends SiteHostingSettings['kind']> = Extract<
  SiteHostingSettings,
  { kind: Kind }
>;

export interface SiteAddress {
  /** Public base URL without a slash at its end. */
  readonly url: string;
  /** What the viewer function finds in the Host header. */
  readonly host: string;
  /** False while CloudFront still rolls it out. */
  readonly ready: boolean;
}

/** Where a site is reached. One implementation for each `kind` of the setting. */
export interface SiteHosting {
  /** Finds the site's address or makes one; safe to repeat. Raises StageFailed or PlatformUnavailable. */
  ensure(site: NamedSite, signal: AbortSignal): Promise<SiteAddress>;
  /** The address where there is one already. */
  find(site: NamedSite, signal: AbortSignal): Promise<SiteAddress | undefined>;
}

export interface NamedSite extends Site {
  readonly projectName: string;
}
