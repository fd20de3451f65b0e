import { GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { outputsOf, stepFunctionsClient } from '../support/emulated-aws.ts';
import { deployed, projectOf } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** Names of the states that an execution entered, as the engine itself kept them. */
async function enteredStates(deploymentId: string): Promise<(string | undefined)[]> {
  const machines = stepFunctionsClient();
  const { DeployMachineArn = '' } = await outputsOf('Slipway-Service');
  const { executions = [] } = await machines.send(
    new ListExecutionsCommand({ stateMachineArn: DeployMachineArn }),
  );
  const execution = executions.find(({ name }) => name === deploymentId);
  const { events = [] } = await machines.send(
    new GetExecutionHistoryCommand({ executionArn: execution?.executionArn ?? '' }),
  );
  return events.flatMap(({ stateEnteredEventDetails: entered }) => (entered ? [entered.name] : []));
}

it('a deployment counts the transitions that its execution really made, at most ten, green or red', async () => {
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>counted</h1>', 'build.sh': 'true' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'sh build.sh', outputDirectory: '.' },
  });
  const green = await deployed(project.id, environment.name);
  expect(green.status).toBe('succeeded');
  expect(await enteredStates(green.id)).toEqual(['Gate', 'Build', 'Release', 'Verify', 'Activate', 'Settle']);
  expect(green.cost.transitions).toBe(6);

  repository.commit({ 'build.sh': 'exit 7' });
  const red = await deployed(project.id, environment.name);
  expect(red.status).toBe('failed');
  expect(red.cost.transitions).toBe((await enteredStates(red.id)).length);
}, 180_000);
