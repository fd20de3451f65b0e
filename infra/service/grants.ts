import { Stack } from 'aws-cdk-lib';
import type { WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Project } from 'aws-cdk-lib/aws-codebuild';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { SlipwayFunction } from '../constructs/slipway-function.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { SiteResources } from '../site/resources.ts';
import { mayOnly, mayRead, mayReadAndWrite } from './permissions.ts';
import type { Planning } from './schedules.ts';
import { SOCKETS_STAGE } from './sockets-api.ts';

type AnyFunction = SlipwayFunction<Readonly<Record<string, string>>>;

export type Functions = Readonly<
  Record<
    | 'api'
    | 'jobs'
    | 'ingest'
    | 'fanOut'
    | 'realtime'
    | 'waiting'
    | 'steps'
    | 'targets'
    | 'relay'
    | 'due'
    | 'sweep'
    | 'bootstrap',
    AnyFunction
  >
>;

export interface Parts {
  readonly data: DataStack;
  readonly sites: SiteResources;
  readonly sockets: WebSocketApi;
  readonly bus: IEventBus;
  readonly builds: Project;
  readonly program: Asset;
  readonly observe: IQueue;
  readonly fanOut: IQueue;
  readonly planning: Planning;
  readonly machines: Readonly<Record<string, string>>;
}

/** The table of the design, "may, beyond its own table rows", as statements; nothing else is granted anywhere. */
export function grantAll(all: Functions, parts: Parts): void {
  const { data, sites, bus, builds } = parts;
  const machines = Object.values(parts.machines);
  const executions = machines.map((arn) => `${arn.replace(':stateMachine:', ':execution:')}:*`);
  const artifacts = (prefix: string) => data.artifacts.arnForObjects(`${prefix}/*`);
  const secrets = data.secrets.arnForObjects('secrets/*');
  const answerTokens = (fn: AnyFunction) =>
    fn.may(['states:SendTaskSuccess', 'states:SendTaskFailure', 'states:SendTaskHeartbeat'], machines);
  const post = (fn: AnyFunction) =>
    fn.may(['execute-api:ManageConnections'], [connectionsArn(parts.sockets)]);

  // Whoever tells viewers of something leaves that to workers where they are many.
  const publish = (fn: AnyFunction) => post(fn).may(['sqs:SendMessage'], [parts.fanOut.queueArn]);

  const { waiting, ...writing } = all;
  for (const fn of Object.values(writing)) if (fn !== all.fanOut) mayReadAndWrite(fn, data.records);
  for (const fn of Object.values(writing)) if (fn !== all.bootstrap) mayReadAndWrite(fn, data.live);

  for (const table of [data.records, data.live]) mayRead(waiting, table);
  // Its places and tickets; and what it spends is counted.
  mayOnly(waiting, ['dynamodb:PutItem', 'dynamodb:DeleteItem'], data.live, ['WAITING', 'TCK#*']);
  mayOnly(waiting, ['dynamodb:UpdateItem'], data.live, ['TALLY#*']);
  waiting.may(['s3:GetObject'], [artifacts('logs')]).may(['s3:ListBucket'], [data.artifacts.bucketArn]);

  // A promotion answers the round that waits for it.
  answerTokens(all.api)
    .may(['states:StartExecution'], machines)
    .may(['states:DescribeStateMachine'], machines)
    .may(['events:DescribeEventBus'], [bus.eventBusArn])
    // Deleting: what belonged to a project or an environment goes with it. It never reads a secret.
    .may(['s3:PutObject', 's3:DeleteObject'], [artifacts('uploads'), secrets])
    .may(['s3:GetObject'], [artifacts('uploads'), artifacts('artifacts'), artifacts('logs')])
    .may(['s3:ListBucket'], [data.artifacts.bucketArn, data.secrets.bucketArn]);

  all.jobs
    .may(['s3:GetObject'], [secrets, parts.program.bucket.arnForObjects(parts.program.s3ObjectKey)])
    .may(['s3:PutObject', 's3:GetObject'], [artifacts('artifacts')])
    // Commands of hooks run in what was uploaded, too.
    .may(['s3:GetObject'], [artifacts('uploads')]);

  answerTokens(publish(all.ingest))
    .may(['s3:GetObject'], [artifacts('artifacts')])
    // Without it S3 answers 403, not 404, for an artifact that a runner never uploaded.
    .may(['s3:ListBucket'], [data.artifacts.bucketArn]);

  post(all.realtime)
    .may(['s3:GetObject'], [artifacts('logs')])
    // Without it S3 answers 403, not 404, for a log that was never archived.
    .may(['s3:ListBucket'], [data.artifacts.bucketArn]);
  // Which lines were purged, and where a deployment stands, is on its record.
  mayRead(publish(all.fanOut), data.records);

  // Only looked at, which S3 grants with reading: the gate and a schedule's moment see whether what is released
  // without a build is there. Without ListBucket S3 answers 403, not 404, for what is not.
  for (const fn of [all.steps, all.due]) {
    fn.may(['s3:GetObject'], [artifacts('uploads'), artifacts('artifacts')]).may(
      ['s3:ListBucket'],
      [data.artifacts.bucketArn],
    );
  }

  answerTokens(publish(all.steps))
    .may(['states:StopExecution', 'states:DescribeExecution'], executions)
    .may(['lambda:InvokeFunction'], [all.targets.live.functionArn])
    .may(['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:BatchGetBuilds'], [builds.projectArn]);

  answerTokens(publish(all.targets))
    .may(['s3:GetObject'], [secrets, artifacts('artifacts'), artifacts('uploads')])
    .may(['sqs:SendMessage'], [parts.observe.queueArn]);
  sites.grant(all.targets);

  const { planning } = parts;
  for (const fn of [all.api, all.due]) {
    fn.may(['scheduler:CreateSchedule'], [planning.momentsArn]).may(
      ['iam:PassRole'],
      [planning.role.roleArn],
    );
  }
  all.api.may(['scheduler:DeleteSchedule'], [planning.momentsArn]);
  all.due.may(['states:StartExecution'], machines).may(['events:PutEvents'], [bus.eventBusArn]);
  all.sweep.may(['lambda:InvokeFunction'], [all.due.live.functionArn]);
  all.due.live.grantInvoke(planning.role);

  for (const fn of [all.relay, all.sweep]) {
    answerTokens(publish(fn))
      .may(['states:StartExecution'], machines)
      .may(['states:DescribeExecution'], executions)
      .may(['lambda:InvokeFunction'], [all.steps.live.functionArn])
      .may(['events:PutEvents'], [bus.eventBusArn])
      // Where lines are purged, what was archived before goes.
      .may(['s3:PutObject', 's3:GetObject', 's3:DeleteObject'], [artifacts('logs')]);
  }
}

function connectionsArn(sockets: WebSocketApi): string {
  return Stack.of(sockets).formatArn({
    service: 'execute-api',
    resource: sockets.apiId,
    resourceName: `${SOCKETS_STAGE}/*/@connections/*`,
  });
}
