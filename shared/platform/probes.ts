import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientOptions } from './aws.ts';

/** Probes of parts that few requests use; each rejects where its part does not answer. Loaded for health only. */
export async function probeBucket(bucket: string, abortSignal: AbortSignal): Promise<void> {
  await new S3Client(clientOptions()).send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
}

export async function probeEventBus(name: string, abortSignal: AbortSignal): Promise<void> {
  await new EventBridgeClient(clientOptions()).send(new DescribeEventBusCommand({ Name: name }), {
    abortSignal,
  });
}

export async function probeMachine(stateMachineArn: string, abortSignal: AbortSignal): Promise<void> {
  await new SFNClient(clientOptions()).send(new DescribeStateMachineCommand({ stateMachineArn }), {
    abortSignal,
  });
}
