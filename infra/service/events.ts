import { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { STEP_CONTRACT } from '../../shared/contracts/steps.ts';
import { WORKERS } from '../../shared/domain/audience.ts';

/** An execution that ended without settling (stopped by hand, timed out, broken) is settled at once. */
export function settleWhatEnded(
  scope: Construct,
  machineArns: readonly string[],
  steps: lambda.IFunction,
  deadLetters: IQueue,
): void {
  new events.Rule(scope, 'ExecutionEnded', {
    description: 'Settles deployments whose execution ended without doing so.',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [...machineArns], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    },
    targets: [
      new targets.LambdaFunction(steps, {
        deadLetterQueue: deadLetters,
        maxEventAge: Duration.hours(2),
        retryAttempts: 10,
        event: events.RuleTargetInput.fromObject({
          op: 'reap',
          contract: STEP_CONTRACT,
          deploymentId: events.EventField.fromPath('$.detail.name'),
          reason: 'execution-ended',
        }),
      }),
    ],
  });
}

/** Once a minute: deadlines, lost runners, lost starts, lost answers, unpublished records. */
export function sweepEveryMinute(scope: Construct, sweep: lambda.IFunction, deadLetters: IQueue): void {
  new events.Rule(scope, 'EveryMinute', {
    description: 'Runs the sweep.',
    schedule: events.Schedule.rate(Duration.minutes(1)),
    targets: [
      // A missed minute needs no repeat: the next one does the same work.
      new targets.LambdaFunction(sweep, {
        deadLetterQueue: deadLetters,
        maxEventAge: Duration.minutes(2),
        retryAttempts: 0,
      }),
    ],
  });
}

/** The outbox: every change of a record reaches the relay, in order per item, at least once. */
export function relayFromStream(table: ITableV2, relay: lambda.IFunction, deadLetters: IQueue): void {
  relay.addEventSource(
    new DynamoEventSource(table, {
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 25,
      maxBatchingWindow: Duration.seconds(0),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 5,
      maxRecordAge: Duration.hours(1),
      parallelizationFactor: 2,
      onFailure: new SqsDlq(deadLetters),
      filters: [
        lambda.FilterCriteria.filter({
          dynamodb: { Keys: { pk: { S: lambda.FilterRule.beginsWith('DEP#') } } },
        }),
      ],
    }),
  );
}

export function observeFromQueue(queue: IQueue, targetsFn: lambda.IFunction): void {
  targetsFn.addEventSource(new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true }));
}

/** So many workers at a time, each at its own pace: together they keep under the cap of posts a second. */
export function workFromQueue(queue: IQueue, fanOut: lambda.IFunction): void {
  fanOut.addEventSource(
    new SqsEventSource(queue, { batchSize: 1, maxConcurrency: WORKERS, reportBatchItemFailures: true }),
  );
}
