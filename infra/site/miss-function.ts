import { Duration, Fn, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { SiteMissEnv } from '../../shared/contracts/env.ts';
import { SlipwayFunction } from '../constructs/slipway-function.ts';
import { anyDistribution } from './sites-bucket.ts';

/** The function that answers what the bucket does not have, as an origin for CloudFront and nobody else. */
export function missFunction(scope: Construct, bucket: Bucket): { readonly domain: string } {
  const environment: SiteMissEnv = { SITES_BUCKET: bucket.bucketName };
  const miss = new SlipwayFunction(scope, 'SiteMiss', {
    name: 'site-miss',
    description: 'Answers what a release does not have: older assets, start page, 404 page.',
    environment,
    timeout: Duration.seconds(15),
  });
  const objects = ['releases/*', 'assets/*', 'manifests/*'].map((prefix) => bucket.arnForObjects(prefix));
  miss.may(['s3:GetObject'], objects);
  // Without it S3 says «forbidden» for what is not there.
  miss.may(['s3:ListBucket'], [bucket.bucketArn]);

  const url = miss.live.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
  const cloudFront = new iam.ServicePrincipal('cloudfront.amazonaws.com');
  const sourceArn = anyDistribution(Stack.of(scope));
  miss.live.addPermission('CloudFrontCallsUrl', {
    principal: cloudFront,
    action: 'lambda:InvokeFunctionUrl',
    functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
    sourceArn,
  });
  // Since October 2025 a function URL asks for both.
  miss.live.addPermission('CloudFrontInvokes', {
    principal: cloudFront,
    action: 'lambda:InvokeFunction',
    invokedViaFunctionUrl: true,
    sourceArn,
  });
  return { domain: Fn.select(2, Fn.split('/', url.url)) };
}
