import { setTimeout as sleep } from 'node:timers/promises';
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

/** Looks so often, twice a second, before it takes the settlement for lost. */
const LOOKS = 240;

async function settlementBegun(id: string): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const { currentStep } = unwrap(await sdk().deployments.get(id));
    if (currentStep === 'settle' || currentStep === 'done') return;
    await sleep(500);
  }
  throw new Error(`The settlement of ${id} has not begun.`);
}

it.concurrent.each(ENDS)(
  'an execution that somebody stops in %s is settled, and the next deployment succeeds',
  async (stage, end) => {
    await using held = await HeldPlace.for(stage);
    const id = await held.begin();
    const executionArn = await executionOf(id);
    await stepFunctionsClient().send(new StopExecutionCommand({ executionArn, cause: 'by hand' }));
    // What is held goes on once the settlement has begun: before, it might do well and be no longer stopped.
    await settlementBegun(id);
    held.release();

    const ended = unwrap(await sdk().deployments.waitFor(id));
    expect(ended).toMatchObject(end);
    await held.expectAtRest(stage === 'settle' ? id : held.good);
    await held.expectNextToSucceed();
  },
);
