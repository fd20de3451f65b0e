import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { CEILING_SECONDS, DEADLINES } from '../../shared/domain/deadlines.ts';
import { BAKE } from '../../shared/domain/strategy.ts';
import { stageState } from './state.ts';

/** The gate may wait this long for a person; Step Functions ends an execution after a year. */
const GATE_DAYS = 300;

/** A build may wait for a runner and then run, each as long as the settings allow. */
const BUILD_CEILING = Duration.seconds(DEADLINES.claim.max + DEADLINES.build.max + 600);
/** Longest silence of a build: it waits for a runner without a sign of life. */
const BUILD_SILENCE = Duration.seconds(DEADLINES.claim.max + DEADLINES.heartbeat.max);

/** So much longer than the deadline in the record, so that the sweep comes first and the record says why it ended. */
const ABOVE_THE_DEADLINE = 300;
const ceiling = (stage: keyof typeof CEILING_SECONDS) =>
  Duration.seconds(CEILING_SECONDS[stage] + ABOVE_THE_DEADLINE);

export interface StageFunctions {
  readonly steps: IFunction;
  readonly targets: IFunction;
}

/** The states that machines are put together from, one function a stage. */
export const gateState = (scope: Construct, { steps }: StageFunctions) =>
  stageState(scope, { name: 'Gate', op: 'gate', fn: steps, timeout: Duration.days(GATE_DAYS), wait: {} });

export const buildState = (scope: Construct, { steps }: StageFunctions) =>
  stageState(scope, {
    name: 'Build',
    op: 'build',
    fn: steps,
    timeout: BUILD_CEILING,
    wait: { heartbeat: BUILD_SILENCE },
  });

export const releaseState = (scope: Construct, { targets }: StageFunctions) =>
  stageState(scope, {
    name: 'Release',
    op: 'release',
    fn: targets,
    timeout: ceiling('release'),
    wait: { heartbeat: ceiling('release') },
  });

export const verifyState = (scope: Construct, { targets }: StageFunctions) =>
  stageState(scope, { name: 'Verify', op: 'verify', fn: targets, timeout: ceiling('verify') });

export const activateState = (scope: Construct, { targets }: StageFunctions) =>
  stageState(scope, {
    name: 'Activate',
    op: 'activate',
    fn: targets,
    timeout: ROUND_CEILING,
    wait: { heartbeat: ROUND_CEILING },
    result: '$.round',
  });

/** A round of the activation moves traffic, and then its step bakes. */
const ROUND_CEILING = Duration.seconds(CEILING_SECONDS.activate * 2 + BAKE.max + ABOVE_THE_DEADLINE);

/** What a round answered: its stage goes on with another one, which has a token of its own. */
const GOES_ON = sfn.Condition.and(
  sfn.Condition.isPresent('$.round.more'),
  sfn.Condition.booleanEquals('$.round.more', true),
);

/**
 * One state after the other and then Settle, the last one again for each round that it goes on with. Every state's failure leads there too, and Settle reads from the
 * record what happened.
 */
export function thenSettle(
  scope: Construct,
  { steps }: StageFunctions,
  stages: readonly [LambdaInvoke, ...LambdaInvoke[]],
): sfn.IChainable {
  const settle = settleState(scope, steps);
  for (const stage of stages)
    stage.addCatch(settle, { errors: ['States.ALL'], resultPath: sfn.JsonPath.DISCARD });
  const [first, ...others] = stages;
  const last = others.at(-1) ?? first;
  const another = new sfn.Choice(scope, 'AnotherRound').when(GOES_ON, last).otherwise(settle);
  return [...others, another].reduce<sfn.Chain>((chain, next) => chain.next(next), sfn.Chain.start(first));
}

function settleState(scope: Construct, steps: IFunction) {
  const settle = stageState(scope, {
    name: 'Settle',
    op: 'settle',
    fn: steps,
    timeout: ceiling('settle'),
  });
  // Settlement is idempotent, so whatever went wrong is worth another try; after that the sweep has it.
  settle.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(2), maxAttempts: 2, backoffRate: 3 });
  return settle;
}
