import type { App } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Settings } from '../settings.ts';
import { SiteHostingStack } from './site-hosting-stack.ts';

/** What the service stack needs to know of site hosting. */
export interface SiteResources {
  /** Holds releases and shared assets. */
  readonly bucket: IBucket;
  /** One entry per environment says which release is live. */
  readonly keyValueStoreArn: string;
  /** JSON for SITE_HOSTING: how an environment gets its address. */
  readonly hosting: string;
  /** Lets the `targets` function place releases and switch environments, and nothing more. */
  grant(targets: { may(actions: readonly string[], resources: readonly string[]): unknown }): void;
}

/** Site hosting in a stack of its own: what is served stays served when the service is removed. */
export function siteResources(app: App, settings: Settings): SiteResources {
  return new SiteHostingStack(app, `${settings.name}-Sites`, {
    description: 'Slipway: released sites and what serves them (kept)',
    installation: settings.name,
    hosting: settings.siteHosting,
    siteDomain: settings.siteDomain,
    certificateArn: settings.siteCertificateArn,
  });
}
