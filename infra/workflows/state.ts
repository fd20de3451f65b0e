import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { STEP_CONTRACT } from '../../shared/contracts/steps.ts';

export interface StateProps {
  readonly name: string;
  /** `op` of the payload, as shared/contracts/steps.ts names it. */
  readonly op: string;
  readonly fn: IFunction;
  /** Ceiling; the real deadline stands in the record and the sweep enforces it. */
  readonly timeout: Duration;
  /** Given: the state waits for its task token; a heartbeat bounds the silence. */
  readonly wait?: { readonly heartbeat?: Duration };
  /** Where the answer to the token goes, which a Choice reads; nowhere unless given. */
  readonly result?: string;
}

/** Faults of the Lambda service itself, the only ones worth another try by the machine. */
const SERVICE_FAULTS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

/**
 * One state: a call of a function with ids only. Its result is dropped, since whatever
 * a stage learns stands in the record, so the state's input is the machine's input again.
 */
export function stageState(scope: Construct, props: StateProps): tasks.LambdaInvoke {
  const state = new tasks.LambdaInvoke(scope, props.name, {
    lambdaFunction: props.fn,
    integrationPattern:
      props.wait === undefined
        ? sfn.IntegrationPattern.REQUEST_RESPONSE
        : sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    payload: sfn.TaskInput.fromObject({
      op: props.op,
      contract: STEP_CONTRACT,
      deploymentId: sfn.JsonPath.stringAt('$.deploymentId'),
      executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
      enteredAt: sfn.JsonPath.stringAt('$$.State.EnteredTime'),
      retryCount: sfn.JsonPath.numberAt('$$.State.RetryCount'),
      ...(props.wait === undefined ? {} : { taskToken: sfn.JsonPath.taskToken }),
    }),
    resultPath: props.result ?? sfn.JsonPath.DISCARD,
    taskTimeout: sfn.Timeout.duration(props.timeout),
    ...(props.wait?.heartbeat === undefined
      ? {}
      : { heartbeatTimeout: sfn.Timeout.duration(props.wait.heartbeat) }),
    retryOnServiceExceptions: false,
  });
  state.addRetry({
    errors: SERVICE_FAULTS,
    interval: Duration.seconds(2),
    maxAttempts: 5,
    backoffRate: 2,
    maxDelay: Duration.seconds(30),
    jitterStrategy: sfn.JitterType.FULL,
  });
  return state;
}
