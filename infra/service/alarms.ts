import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

export interface Watched {
  readonly deadLetters: IQueue;
  readonly fanOut: IQueue;
  readonly deployMachine: StateMachine;
  readonly rollbackMachine: StateMachine;
  readonly relay: IFunction;
  readonly sweep: IFunction;
  readonly api: IFunction;
}

/** One alarm for each way in which the service can stop doing its work; docs/runbook.md has a section for each. */
export function alarms(scope: Construct, watched: Watched): void {
  const minutes = Duration.minutes;
  const alarm = (
    id: string,
    description: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    periods = 1,
  ) =>
    new cloudwatch.Alarm(scope, id, {
      alarmDescription: `${description} See docs/runbook.md, ${id}.`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });

  alarm(
    'DeadLettersWaiting',
    'A call failed for good and waits in the dead-letter queue.',
    watched.deadLetters.metricApproximateNumberOfMessagesVisible({ period: minutes(5) }),
    0,
  );
  // One for each machine: of a sum of metrics an alarm cannot say which of them it was.
  alarm(
    'ExecutionsBroken',
    'Deployments ended without settling by themselves.',
    watched.deployMachine.metricFailed({ period: minutes(5), statistic: 'Sum' }),
    0,
  );
  alarm(
    'RollbacksBroken',
    'Rollbacks ended without settling by themselves.',
    watched.rollbackMachine.metricFailed({ period: minutes(5), statistic: 'Sum' }),
    0,
  );
  alarm(
    'RelayBehind',
    'Changes of deployments are announced late.',
    watched.relay.metric('IteratorAge', { period: minutes(1), statistic: 'Maximum' }),
    60_000,
    3,
  );
  alarm(
    'FanOutBehind',
    'What many viewers watch reaches them late.',
    watched.fanOut.metricApproximateAgeOfOldestMessage({ period: minutes(1) }),
    30,
    3,
  );
  alarm(
    'SweepFailing',
    'The sweep fails; nothing repairs what dies.',
    watched.sweep.metricErrors({ period: minutes(5) }),
    2,
  );
  alarm(
    'ApiFailing',
    'The API answers with errors of its own.',
    watched.api.metricErrors({ period: minutes(5) }),
    5,
  );
}
