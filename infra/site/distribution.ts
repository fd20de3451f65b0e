import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { explain } from '../nag.ts';

/** Everything a distribution for sites is put together from. */
export interface Behind {
  readonly bucket: Bucket;
  readonly bucketAccess: cloudfront.IOriginAccessControl;
  readonly miss: { readonly domain: string };
  readonly missAccess: cloudfront.IOriginAccessControl;
  readonly viewerRequest: cloudfront.IFunction;
  readonly viewerResponse: cloudfront.IFunction;
  readonly cachePolicy: cloudfront.ICachePolicy;
}

/**
 * One distribution for all sites of an installation. The same behaviour as the ones made for single environments
 * (shared/targets/site/distribution-config.ts, a test compares them). L1, because the L2 origins would let the
 * distribution read the whole bucket, manifests included.
 */
export function wildcardDistribution(
  scope: Construct,
  behind: Behind,
  siteDomain: string,
  certificateArn: string,
): cloudfront.CfnDistribution {
  const distribution = new cloudfront.CfnDistribution(scope, 'Distribution', {
    distributionConfig: {
      enabled: true,
      comment: `Slipway: *.${siteDomain}`,
      aliases: [`*.${siteDomain}`],
      viewerCertificate: {
        acmCertificateArn: certificateArn,
        minimumProtocolVersion: 'TLSv1.2_2021',
        sslSupportMethod: 'sni-only',
      },
      httpVersion: 'http2and3',
      ipv6Enabled: true,
      priceClass: 'PriceClass_100',
      origins: [bucketOrigin(behind), missOrigin(behind)],
      originGroups: { quantity: 1, items: [originGroup] },
      defaultCacheBehavior: behaviour(behind),
    },
  });
  explain(distribution, 'Sites are public everywhere; who may see them is for their owners.', 'CFR1');
  explain(
    distribution,
    'Static files and a function that reads them; a team adds its firewall where it wants one.',
    'CFR2',
  );
  explain(
    distribution,
    'Viewers of a site are its owners’ business; logging them by default is not ours.',
    'CFR3',
  );
  return distribution;
}

const originGroup: cloudfront.CfnDistribution.OriginGroupProperty = {
  id: 'site',
  failoverCriteria: { statusCodes: { quantity: 2, items: [403, 404] } },
  members: { quantity: 2, items: [{ originId: 'bucket' }, { originId: 'miss' }] },
};

const behaviour = (behind: Behind): cloudfront.CfnDistribution.DefaultCacheBehaviorProperty => ({
  targetOriginId: 'site',
  viewerProtocolPolicy: 'redirect-to-https',
  allowedMethods: ['GET', 'HEAD'],
  cachedMethods: ['GET', 'HEAD'],
  compress: true,
  cachePolicyId: behind.cachePolicy.cachePolicyId,
  functionAssociations: [
    { eventType: 'viewer-request', functionArn: behind.viewerRequest.functionArn },
    { eventType: 'viewer-response', functionArn: behind.viewerResponse.functionArn },
  ],
});

const bucketOrigin = ({ bucket, bucketAccess }: Behind): cloudfront.CfnDistribution.OriginProperty => ({
  id: 'bucket',
  domainName: bucket.bucketRegionalDomainName,
  originAccessControlId: bucketAccess.originAccessControlId,
  s3OriginConfig: { originAccessIdentity: '' },
});

const missOrigin = ({ miss, missAccess }: Behind): cloudfront.CfnDistribution.OriginProperty => ({
  id: 'miss',
  domainName: miss.domain,
  originAccessControlId: missAccess.originAccessControlId,
  customOriginConfig: { originProtocolPolicy: 'https-only', originSslProtocols: ['TLSv1.2'] },
});
