import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { deployDefinition } from '../workflows/deploy/definition.ts';
import { rollbackDefinition } from '../workflows/rollback/definition.ts';
import type { StageFunctions } from '../workflows/stages.ts';

/** What differs between the machines, by the type of the deployments that they take. */
const MACHINES = {
  deploy: { id: 'DeployMachine', logId: 'MachineLog', definition: deployDefinition },
  rollback: { id: 'RollbackMachine', logId: 'RollbackMachineLog', definition: rollbackDefinition },
} as const;
export type MachineKind = keyof typeof MACHINES;
export type MachineArns = Readonly<Record<MachineKind, string>>;

/** Its name is fixed, so that roles can name it without a circle between stack parts. */
const machineName = (installation: string, kind: MachineKind) => `${installation}-${kind}`;

/** Named, not referenced: the machines need the functions, and the functions' roles need the machines' names. */
export function machineArns(scope: Construct, installation: string): MachineArns {
  const arnOf = (kind: MachineKind) =>
    Stack.of(scope).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: machineName(installation, kind),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  return { deploy: arnOf('deploy'), rollback: arnOf('rollback') };
}

/** The machine for one type of deployment. */
export function stateMachine(
  scope: Construct,
  installation: string,
  kind: MachineKind,
  functions: StageFunctions,
): sfn.StateMachine {
  const { id, logId, definition } = MACHINES[kind];
  const name = machineName(installation, kind);
  const log = new logs.LogGroup(scope, logId, {
    // The prefix keeps the resource policy of vended logs short (Step Functions' documentation).
    logGroupName: `/aws/vendedlogs/states/${name}`,
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // States of two machines have the same names, so each machine's are constructs of a scope of their own.
  const states = new Construct(scope, `${id}States`);
  return new sfn.StateMachine(scope, id, {
    stateMachineName: name,
    stateMachineType: sfn.StateMachineType.STANDARD,
    definitionBody: sfn.DefinitionBody.fromChainable(definition(states, functions)),
    logs: { destination: log, level: sfn.LogLevel.ALL, includeExecutionData: false },
    tracingEnabled: true,
  });
}
