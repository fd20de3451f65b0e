import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Calls that failed for good, kept two weeks for the runbook; an alarm watches it. */
export function deadLetterQueue(scope: Construct): sqs.Queue {
  const queue = new sqs.Queue(scope, 'DeadLetters', {
    enforceSSL: true,
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    retentionPeriod: Duration.days(14),
  });
  return queue;
}

/** Looks at a platform's pending release again, with a growing delay and no state transition. */
export function observeQueue(scope: Construct, deadLetters: sqs.IQueue): sqs.Queue {
  return new sqs.Queue(scope, 'Observe', {
    enforceSSL: true,
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    // Six times the function's timeout, as the Lambda documentation asks.
    visibilityTimeout: Duration.minutes(90),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
}
