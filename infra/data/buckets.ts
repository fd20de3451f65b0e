import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

const PRIVATE = {
  encryption: s3.BucketEncryption.S3_MANAGED,
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN,
} as const;

/** Artifacts and archived logs. Uploads that nobody completed leave by themselves. */
export function artifactsBucket(scope: Construct): s3.Bucket {
  return new s3.Bucket(scope, 'Artifacts', {
    ...PRIVATE,
    lifecycleRules: [
      { prefix: 'uploads/', expiration: Duration.days(7) },
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  });
}

/** Values of sensitive variables, one object per revision, never rewritten. */
export function secretsBucket(scope: Construct): s3.Bucket {
  return new s3.Bucket(scope, 'Secrets', { ...PRIVATE, versioned: true });
}
