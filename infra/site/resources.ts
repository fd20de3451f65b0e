import type { IBucket } from 'aws-cdk-lib/aws-s3';

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
