import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { activateState, gateState, releaseState, type StageFunctions, thenSettle } from '../stages.ts';

/**
 * Gate, Release, Activate, Settle: five transitions with the start. Nothing is built, since the artifact is there,
 * and nobody waits for staged checks in an incident; the live checks come after the switch as ever.
 */
export const rollbackDefinition = (scope: Construct, functions: StageFunctions): sfn.IChainable =>
  thenSettle(scope, functions, [
    gateState(scope, functions),
    releaseState(scope, functions),
    activateState(scope, functions),
  ]);
