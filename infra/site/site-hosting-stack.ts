import { Aws, CfnOutput, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { SiteHostingSettings } from '../../shared/targets/site/hosting.ts';
import { type Behind, wildcardDistribution } from './distribution.ts';
import { missFunction } from './miss-function.ts';
import type { SiteResources } from './resources.ts';
import { letCloudFrontRead, sitesBucket } from './sites-bucket.ts';
import { cachePolicy, viewerFunctions } from './viewer-functions.ts';

export interface SiteHostingProps extends StackProps {
  /** Name of the installation. */
  readonly installation: string;
  /** JSON for SITE_HOSTING where the operator decides it; otherwise it follows from the two below. */
  readonly hosting?: string | undefined;
  /** Sites become `<environment>--<project>.<siteDomain>`; needs the certificate. */
  readonly siteDomain?: string | undefined;
  /** Of `*.<siteDomain>`, in us-east-1. */
  readonly certificateArn?: string | undefined;
}

/** The bucket of releases, the switch, and the CDN in front of them. */
export class SiteHostingStack extends Stack implements SiteResources {
  readonly bucket: Bucket;
  readonly keyValueStoreArn: string;
  readonly hosting: string;
  readonly #makesDistributions: boolean;

  constructor(scope: Construct, id: string, props: SiteHostingProps) {
    super(scope, id, props);
    this.bucket = sitesBucket(this);
    letCloudFrontRead(this.bucket);
    const store = new cloudfront.KeyValueStore(this, 'Switch', {
      // It stays when the stack goes, so the next stack's needs another name.
      keyValueStoreName: `slipway-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`,
      comment: `${props.installation}: which release each site serves`,
    });
    // What is live is written nowhere else at the edge; without it every site is down.
    store.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.keyValueStoreArn = store.keyValueStoreArn;

    const behind: Behind = {
      bucket: this.bucket,
      ...viewerFunctions(this, store),
      cachePolicy: cachePolicy(this, props.installation),
      miss: missFunction(this, this.bucket),
      bucketAccess: new cloudfront.S3OriginAccessControl(this, 'BucketAccess'),
      missAccess: new cloudfront.FunctionUrlOriginAccessControl(this, 'MissAccess'),
    };
    const hosting = props.hosting ?? JSON.stringify(this.#hostingOf(props, behind));
    this.hosting = hosting;
    this.#makesDistributions = props.hosting === undefined && props.siteDomain === undefined;

    new CfnOutput(this, 'SitesBucket', { value: this.bucket.bucketName });
    new CfnOutput(this, 'EdgeKeyValueStore', { value: this.keyValueStoreArn });
  }

  #hostingOf(props: SiteHostingProps, behind: Behind): SiteHostingSettings {
    const { siteDomain, certificateArn } = props;
    if ((siteDomain === undefined) !== (certificateArn === undefined)) {
      const message = 'siteDomain and siteCertificateArn go together: the CDN needs both.';
      this.node.addValidation({ validate: () => [message] });
    }
    if (siteDomain !== undefined && certificateArn !== undefined) {
      const distribution = wildcardDistribution(this, behind, siteDomain, certificateArn);
      new CfnOutput(this, 'SitesDistribution', { value: distribution.attrDomainName });
      return { kind: 'domain', siteDomain, distributionDomain: distribution.attrDomainName };
    }
    return {
      kind: 'distributions',
      installation: props.installation,
      bucketDomain: behind.bucket.bucketRegionalDomainName,
      bucketAccessControlId: behind.bucketAccess.originAccessControlId,
      missDomain: behind.miss.domain,
      missAccessControlId: behind.missAccess.originAccessControlId,
      cachePolicyId: behind.cachePolicy.cachePolicyId,
      viewerRequestArn: behind.viewerRequest.functionArn,
      viewerResponseArn: behind.viewerResponse.functionArn,
      priceClass: 'PriceClass_100',
    };
  }

  grant(targets: { may(actions: readonly string[], resources: readonly string[]): unknown }): void {
    const below = (...prefixes: string[]) =>
      prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}/*`));
    targets.may(['s3:ListBucket'], [this.bucket.bucketArn]);
    targets.may(['s3:PutObject'], below('releases', 'assets', 'manifests'));
    targets.may(['s3:DeleteObject'], below('releases', 'manifests'));
    targets.may(
      [
        'cloudfront-keyvaluestore:DescribeKeyValueStore',
        'cloudfront-keyvaluestore:GetKey',
        'cloudfront-keyvaluestore:PutKey',
      ],
      [this.keyValueStoreArn],
    );
    if (this.#makesDistributions) {
      // Their ids are CloudFront's to choose; listing takes no resource at all.
      const actions = ['CreateDistribution', 'GetDistribution', 'ListDistributions', 'TagResource'];
      targets.may(
        actions.map((action) => `cloudfront:${action}`),
        ['*'],
      );
    }
  }
}
