import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { explain } from '../nag.ts';
import { artifactsBucket, secretsBucket } from './buckets.ts';
import { liveTable, recordsTable } from './tables.ts';

/** What must outlive everything: a deleted service can be deployed again over it. */
export class DataStack extends Stack {
  readonly records: TableV2;
  readonly live: TableV2;
  readonly artifacts: Bucket;
  readonly secrets: Bucket;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.records = recordsTable(this);
    this.live = liveTable(this);
    this.artifacts = artifactsBucket(this);
    this.secrets = secretsBucket(this);

    for (const bucket of [this.artifacts, this.secrets]) {
      explain(
        bucket,
        'Reads go through presigned links that the service logs; an access log would double the storage.',
        'S1',
      );
    }
    new CfnOutput(this, 'RecordsTable', { value: this.records.tableName });
    new CfnOutput(this, 'LiveTable', { value: this.live.tableName });
    new CfnOutput(this, 'ArtifactsBucket', { value: this.artifacts.bucketName });
    new CfnOutput(this, 'SecretsBucket', { value: this.secrets.bucketName });
  }
}
