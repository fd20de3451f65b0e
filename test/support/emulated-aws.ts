import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { inject } from 'vitest';
import { LOCAL_AWS } from '../../local/emulator/settings.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';

/** How a test reaches AWS behind the service's back: as the account's owner, at the shared stack's emulator. */
export function options() {
  const { accessKeyId, secretAccessKey, region } = LOCAL_AWS;
  return {
    endpoint: new URL(inject('stack').url).origin,
    region,
    credentials: { accessKeyId, secretAccessKey },
  };
}

export const stepFunctionsClient = () => new SFNClient(options());

export async function outputsOf(stack: string): Promise<Readonly<Record<string, string>>> {
  const { Stacks } = await new CloudFormationClient(options()).send(
    new DescribeStacksCommand({ StackName: stack }),
  );
  return Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
  );
}

/** The execution of a deployment, whose name is the deployment's id. */
export async function executionOf(deploymentId: string): Promise<string> {
  const { DeployMachineArn = '' } = await outputsOf('Slipway-Service');
  return `${DeployMachineArn.replace(':stateMachine:', ':execution:')}:${deploymentId}`;
}

export async function templateOf(stack: string): Promise<string> {
  const { TemplateBody } = await new CloudFormationClient(options()).send(
    new GetTemplateCommand({ StackName: stack }),
  );
  return TemplateBody ?? '';
}

/** The service's own store, on the tables of the shared stack. */
export async function storeOfStack(): Promise<StoreContext> {
  const { RecordsTable, LiveTable } = await outputsOf('Slipway-Data');
  return {
    client: new DynamoDBClient(options()),
    recordsTable: RecordsTable ?? '',
    liveTable: LiveTable ?? '',
    clock: systemClock,
    random: systemRandom,
    cursorKey: '',
  };
}
