import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { CloudFrontKeyValueStoreClient } from '@aws-sdk/client-cloudfront-keyvaluestore';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { Target } from '../target.ts';
import { type SiteSettings, siteTarget } from './adapter.ts';
import { type SiteHosting, type SiteHostingSettings, siteHostingSettings } from './hosting.ts';
import { distributionHosting } from './hosting-distributions.ts';
import { domainHosting } from './hosting-domain.ts';
import { edgeHosting } from './hosting-edge.ts';
import { KeyValues } from './key-values.ts';

/** The environment of the `targets` function, as far as sites go, and clients made from it. */
export interface SiteTargetOptions {
  readonly sitesBucket: string;
  /** EDGE_KEY_VALUE_STORE */
  readonly storeArn: string;
  /** SITE_HOSTING: JSON of `siteHostingSettings`. */
  readonly hosting: string;
  readonly s3: S3Client;
  readonly keyValueStore: CloudFrontKeyValueStoreClient;
  readonly cloudFront: CloudFrontClient;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
}

/** The site target with the hosting that the operator chose. Throws where the setting is not of its form. */
export function createSiteTarget(options: SiteTargetOptions): Target<SiteSettings> {
  const { s3, clock, random } = options;
  const settings = siteHostingSettings.parse(JSON.parse(options.hosting));
  const keys = new KeyValues({ client: options.keyValueStore, storeArn: options.storeArn, clock, random });
  const hosting = hostingOf(settings, keys, options);
  return siteTarget({ s3, bucket: options.sitesBucket, keys, hosting, fetch: options.fetch, clock, random });
}

function hostingOf(settings: SiteHostingSettings, keys: KeyValues, options: SiteTargetOptions): SiteHosting {
  switch (settings.kind) {
    case 'domain':
      return domainHosting(settings);
    case 'distributions':
      return distributionHosting(settings, { cloudFront: options.cloudFront, keys });
    case 'edge':
      return edgeHosting(settings, options.fetch);
  }
}
