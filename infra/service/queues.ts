import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { explain } from '../nag.ts';

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
    // The least that Lambda takes for a function of 15 minutes. Who works on a message hides it for 90 s at a time
    // (functions/targets/lease.ts), so that one whose function died comes back soon; one that comes twice does no harm.
    visibilityTimeout: Duration.minutes(15),
    // Failed looks come back after 30 s, those of dead functions after 90: together about as long as a release may take.
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 20 },
  });
}

/**
 * What many viewers of a topic are to see, in parts. Nobody wants to see it later than a few minutes after it was
 * written: whoever missed it asks again from its cursor. So what fails until then is dropped, and nothing of it is kept;
 * FanOutBehind tells of it.
 */
export function fanOutQueue(scope: Construct): sqs.Queue {
  const queue = new sqs.Queue(scope, 'FanOutQueue', {
    enforceSSL: true,
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    visibilityTimeout: Duration.seconds(90),
    retentionPeriod: Duration.minutes(5),
  });
  explain(queue, 'What it holds is of no use after five minutes; whoever misses it asks again.', 'SQS3');
  return queue;
}
