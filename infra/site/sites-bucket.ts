import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { explain } from '../nag.ts';

/** Releases, assets that releases share, and manifests. Kept: it is what the sites are. */
export function sitesBucket(scope: Construct): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Sites', {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
  explain(
    bucket,
    'Only the CDN and two functions read it; who deployed what is in the service, and access logs would cost more than the rest.',
    'S1',
  );
  return bucket;
}

/**
 * Lets the account's distributions read what viewers may see, and not the manifests. Not to list: CloudFront
 * passes a request on unchanged where a viewer function runs out of time, and `GET /` would then name everything.
 */
export function letCloudFrontRead(bucket: s3.Bucket): void {
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'CloudFrontReadsReleases',
      principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects('releases/*'), bucket.arnForObjects('assets/*')],
      conditions: {
        ArnLike: { 'aws:SourceArn': anyDistribution(Stack.of(bucket)) },
        StringEquals: { 'aws:SourceAccount': Stack.of(bucket).account },
      },
    }),
  );
}

/** Distributions are also made while the service runs, one for each environment. */
export const anyDistribution = (stack: Stack): string =>
  stack.formatArn({
    service: 'cloudfront',
    region: '',
    resource: 'distribution',
    resourceName: '*',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
