import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { CEILING_SECONDS, DEADLINES } from '../../shared/domain/deadlines.ts';
import { HOOK_SECONDS } from '../../shared/domain/hooks.ts';
import { BAKE } from '../../shared/domain/strategy.ts';
import { stageState } from './state.ts';

/** The gate may wait this long for a person; Step Functions ends an execution after a year. */
const GATE_DAYS = 300;

/** A build may wait for a runner, and then run with its hooks for as long as the whole deployment may take. */
const BUILD_CEILING = Duration.seconds(DEADLINES.claim.max + DEADLINES.deployment.max + 600);
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

/** A hook waits for a runner and runs, or is a call; its sweep comes first here too. */
const HOOK_CEILING = Duration.seconds(DEADLINES.claim.max + HOOK_SECONDS.command.max + 900);

export const hookState = (scope: Construct, { steps }: StageFunctions) =>
  stageState(scope, {
    name: 'Hook',
    op: 'hook',
    fn: steps,
    timeout: HOOK_CEILING,
    wait: { heartbeat: BUILD_SILENCE },
    result: '$.round',
  });

/** What a round answered: a hook is next. */
const HOOK_IS_NEXT = sfn.Condition.and(
  sfn.Condition.isPresent('$.round.next'),
  sfn.Condition.stringEquals('$.round.next', 'hook'),
);

/** What a round answered: its stage goes on with another one, which has a token of its own. */
const GOES_ON = sfn.Condition.and(
  sfn.Condition.isPresent('$.round.more'),
  sfn.Condition.booleanEquals('$.round.more', true),
);

/**
 * One state after the other and then Settle; the last one again for each round that moves traffic, and Hook for each
 * that runs a hook. Every state's failure leads to Settle too, which reads from the record what happened.
 */
export function thenSettle(
  scope: Construct,
  functions: StageFunctions,
  stages: readonly [LambdaInvoke, ...LambdaInvoke[]],
): sfn.IChainable {
  const settle = settleState(scope, functions.steps);
  const hook = hookState(scope, functions);
  for (const stage of [...stages, hook])
    stage.addCatch(settle, { errors: ['States.ALL'], resultPath: sfn.JsonPath.DISCARD });
  const [first, ...others] = stages;
  const last = others.at(-1) ?? first;
  const another = new sfn.Choice(scope, 'AnotherRound')
    .when(HOOK_IS_NEXT, hook)
    .when(GOES_ON, last)
    .otherwise(settle);
  hook.next(another);
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
