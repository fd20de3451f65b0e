import type { DistributionConfig } from '@aws-sdk/client-cloudfront';
import type { HostingOf, NamedSite } from './hosting.ts';
import { siteId } from './site.ts';

type Settings = HostingOf<'distributions'>;

/** What S3 answers for a key that is not there, to a reader that may not list: 403. */
const MISSING = [403, 404];

/** Finds the distribution again where nothing else remembers it; at most 128 characters. */
export const commentOf = (settings: Settings, site: NamedSite): string =>
  `slipway ${settings.installation} ${siteId(site)}`;

/**
 * The distribution of one environment: the bucket, and behind it the miss function for keys that are not there.
 * The same as the wildcard distribution of infra/site but for names and certificate.
 */
export function distributionConfig(settings: Settings, site: NamedSite): DistributionConfig {
  return {
    // The same reference twice cannot make two distributions.
    CallerReference: commentOf(settings, site),
    Comment: commentOf(settings, site),
    Enabled: true,
    HttpVersion: 'http2and3',
    IsIPV6Enabled: true,
    PriceClass: settings.priceClass,
    Origins: { Quantity: 2, Items: [bucketOrigin(settings), missOrigin(settings)] },
    OriginGroups: { Quantity: 1, Items: [originGroup] },
    DefaultCacheBehavior: {
      TargetOriginId: originGroup.Id,
      ViewerProtocolPolicy: 'redirect-to-https',
      AllowedMethods: methods(),
      Compress: true,
      CachePolicyId: settings.cachePolicyId,
      FunctionAssociations: {
        Quantity: 2,
        Items: [
          { EventType: 'viewer-request', FunctionARN: settings.viewerRequestArn },
          { EventType: 'viewer-response', FunctionARN: settings.viewerResponseArn },
        ],
      },
    },
  };
}

const originGroup = {
  Id: 'site',
  FailoverCriteria: { StatusCodes: { Quantity: MISSING.length, Items: MISSING } },
  Members: { Quantity: 2, Items: [{ OriginId: 'bucket' }, { OriginId: 'miss' }] },
};

const methods = () => ({
  Quantity: 2,
  Items: ['GET' as const, 'HEAD' as const],
  CachedMethods: { Quantity: 2, Items: ['GET' as const, 'HEAD' as const] },
});

const bucketOrigin = (settings: Settings) => ({
  Id: 'bucket',
  DomainName: settings.bucketDomain,
  OriginAccessControlId: settings.bucketAccessControlId,
  // Empty, but asked for: access is by the control above, not by an identity.
  S3OriginConfig: { OriginAccessIdentity: '' },
});

const missOrigin = (settings: Settings) => ({
  Id: 'miss',
  DomainName: settings.missDomain,
  OriginAccessControlId: settings.missAccessControlId,
  CustomOriginConfig: {
    HTTPPort: 80,
    HTTPSPort: 443,
    OriginProtocolPolicy: 'https-only' as const,
    OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2' as const] },
  },
});
