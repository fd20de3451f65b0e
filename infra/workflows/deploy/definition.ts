import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import {
  activateState,
  buildState,
  gateState,
  releaseState,
  type StageFunctions,
  thenSettle,
  verifyState,
} from '../stages.ts';

/** Gate, Build, Release, Verify, Activate, Settle: seven transitions with the start. */
export const deployDefinition = (scope: Construct, functions: StageFunctions): sfn.IChainable =>
  thenSettle(scope, functions, [
    gateState(scope, functions),
    buildState(scope, functions),
    releaseState(scope, functions),
    verifyState(scope, functions),
    activateState(scope, functions),
  ]);
