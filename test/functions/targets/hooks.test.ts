import { afterAll, beforeAll, expect, test } from 'vitest';
import { callPostHook } from '../../../functions/targets/hooks.ts';
import { STEP_CONTRACT } from '../../../shared/contracts/steps.ts';
import { secretKey } from '../../../shared/platform/secret-values.ts';
import { variable } from '../../support/given.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('an answer is masked before it is cut, so that the cut leaves no first half of a secret', async () => {
  const secret = 'hunter2-hunter2';
  const { project, environment } = world.given;
  await world.secrets.put(secretKey(project.id, environment.name, 'API_KEY', 1), secret);
  const { id } = await world.deployment({
    activation: { round: 1, enteredAt: '2026-01-05T09:00:00.000Z', work: { kind: 'hook', hook: 0 } },
    snapshot: {
      variables: { API_KEY: variable({ sensitive: true, use: 'runtime' }) },
      hooks: {
        pre: [],
        post: [{ type: 'http', name: 'purge', url: 'https://hooks.example.com/' }],
        onPostFailure: 'fail',
      },
    },
  });
  const body = Buffer.from(`${'x'.repeat(1990)}${secret}, and more`);
  const deps = {
    ...world.deps,
    fetch: async ({ url }: { readonly url: string }) => ({ url, status: 200, headers: {}, body }),
  };
  const signal = new AbortController().signal;
  await callPostHook(deps, { op: 'hook', contract: STEP_CONTRACT, deploymentId: id, round: 1 }, signal);
  const said = (await world.messages({ id })).join('\n');
  expect(said).toContain('xxxx');
  expect(said).not.toContain('hunter');
});
