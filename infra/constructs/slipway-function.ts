import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { bundleFolder } from '../bundle.ts';

export interface SlipwayFunctionProps<Env extends Readonly<Record<string, string>>> {
  /** Folder under functions/. */
  readonly name: string;
  /** Exactly what the handler parses (shared/contracts/env.ts). */
  readonly environment: Env;
  readonly timeout: Duration;
  readonly memorySize?: number;
  /** So many run at the same time and no more; the account keeps as many free for it. */
  readonly reservedConcurrency?: number | undefined;
  /** Where an asynchronous call that failed for good is kept. */
  readonly deadLetters?: IQueue;
  readonly description: string;
}

/** A Lambda with a role of its own that may write its log and nothing else until told. */
export class SlipwayFunction<Env extends Readonly<Record<string, string>>> extends Construct {
  readonly fn: lambda.Function;
  /** What machines, rules and APIs call, so that an upgrade switches at once. */
  readonly live: lambda.Alias;
  readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: SlipwayFunctionProps<Env>) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.fn = new lambda.Function(this, 'Function', {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(bundleFolder(props.name)),
      environment: { ...props.environment },
      timeout: props.timeout,
      memorySize: props.memorySize ?? 512,
      description: props.description,
      role,
      logGroup: this.logGroup,
      // Records what an execution does, which begins the trace; a trace for each request would cost more than the request.
      tracing: lambda.Tracing.PASS_THROUGH,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.deadLetters === undefined ? {} : { deadLetterQueue: props.deadLetters }),
    });
    this.logGroup.grantWrite(role);
    this.live = new lambda.Alias(this, 'Live', { aliasName: 'live', version: this.fn.currentVersion });
  }

  /** Adds one statement to the function's role; `only` where these conditions hold. */
  may(actions: readonly string[], resources: readonly string[], only?: iam.Conditions): this {
    const statement = { actions: [...actions], resources: [...resources] };
    this.fn.addToRolePolicy(
      new iam.PolicyStatement(only === undefined ? statement : { ...statement, conditions: only }),
    );
    return this;
  }

  get stack(): Stack {
    return Stack.of(this);
  }
}
