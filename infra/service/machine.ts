import { RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type DeployFunctions, deployDefinition } from '../workflows/deploy/definition.ts';

/** The deploy machine. Its name is fixed, so that roles can name it without a circle between stack parts. */
export function deployMachine(scope: Construct, name: string, functions: DeployFunctions): sfn.StateMachine {
  const log = new logs.LogGroup(scope, 'MachineLog', {
    // The prefix keeps the resource policy of vended logs short (Step Functions' documentation).
    logGroupName: `/aws/vendedlogs/states/${name}`,
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const machine = new sfn.StateMachine(scope, 'DeployMachine', {
    stateMachineName: name,
    stateMachineType: sfn.StateMachineType.STANDARD,
    definitionBody: sfn.DefinitionBody.fromChainable(deployDefinition(scope, functions)),
    logs: { destination: log, level: sfn.LogLevel.ALL, includeExecutionData: false },
    tracingEnabled: true,
  });
  return machine;
}
