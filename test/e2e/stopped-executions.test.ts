import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { executionOf, stepFunctionsClient } from '../support/emulated-aws.ts';
import { HeldPlace, type HeldStage } from '../support/held-stages.ts';
import { sdk } from '../support/scenario.ts';

const failed = (stage: HeldStage, releaseState = 'none') => ({
  status: 'failed',
  releaseState,
  error: { code: 'INTERNAL', stage, message: expect.stringMatching(/was stopped/) },
});

const ENDS: readonly [HeldStage, object][] = [
  ['gate', failed('gate')],
  ['build', failed('build')],
  ['release', failed('release')],
  ['verify', failed('verify')],
  // The switch was on its way, and is undone.
  ['activate', failed('activate', 'rolled-back')],
  // Its live checks had passed: who stops the machine then stops nothing of it.
  ['settle', { status: 'succeeded', releaseState: 'active' }],
];

it.concurrent.each(ENDS)(
  'an execution that somebody stops in %s is settled, and the next deployment succeeds',
  async (stage, end) => {
    await using held = await HeldPlace.for(stage);
    const id = await held.begin();
    const executionArn = await executionOf(id);
    await stepFunctionsClient().send(new StopExecutionCommand({ executionArn, cause: 'by hand' }));
    // What is held goes on once the settlement has begun: before, it might do well and be no longer stopped.
    const step = async () => unwrap(await sdk().deployments.get(id)).currentStep;
    await expect.poll(step, { timeout: 120_000 }).toMatch(/^(?:settle|done)$/);
    held.release();

    const ended = unwrap(await sdk().deployments.waitFor(id));
    expect(ended).toMatchObject(end);
    await held.expectAtRest(stage === 'settle' ? id : held.good);
    await held.expectNextToSucceed();
  },
);
