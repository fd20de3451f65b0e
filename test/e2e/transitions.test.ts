import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { executionOf, stepFunctionsClient } from '../support/emulated-aws.ts';
import { deployed, projectOf } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** Names of the states that an execution entered, as the engine itself kept them. */
async function enteredStates(deploymentId: string): Promise<(string | undefined)[]> {
  const executionArn = await executionOf(deploymentId);
  const { events = [] } = await stepFunctionsClient().send(new GetExecutionHistoryCommand({ executionArn }));
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
  expect(await enteredStates(green.id)).toEqual([
    'Gate',
    'Build',
    'Release',
    'Verify',
    'Activate',
    'AnotherRound',
    'Settle',
  ]);
  expect(green.cost.transitions).toBe(7);

  repository.commit({ 'build.sh': 'exit 7' });
  const red = await deployed(project.id, environment.name);
  expect(red.status).toBe('failed');
  expect(red.cost.transitions).toBe((await enteredStates(red.id)).length);
});
