import { type StepsCall, stepsCall } from '../../shared/contracts/steps.ts';
import { chargeTo } from '../../shared/platform/account.ts';
import { spanned } from '../../shared/platform/spans.ts';
import { build } from './build.ts';
import type { StepsDeps } from './deps.ts';
import { enterGate, lookAtGate } from './gate.ts';
import { hook } from './hook.ts';
import { reap } from './reap.ts';
import { settleFromMachine } from './settle.ts';

/** Parses what the function was invoked with and does it. `depsFor` makes what that one call needs. */
export async function handleStep(payload: unknown, depsFor: (call: StepsCall) => StepsDeps): Promise<void> {
  const call = stepsCall.parse(payload);
  chargeTo(call.deploymentId);
  const deps = depsFor(call);
  return spanned(deps.log, deps.store.clock, `steps ${call.op}`, () => perform(deps, call));
}

async function perform(deps: StepsDeps, call: StepsCall): Promise<void> {
  switch (call.op) {
    case 'gate':
      return enterGate(deps, call);
    case 'build':
      return build(deps, call);
    case 'hook':
      return hook(deps, call);
    case 'settle':
      return settleFromMachine(deps, call);
    case 'wake':
      return lookAtGate(deps, call.deploymentId);
    case 'reap':
      return reap(deps, call);
  }
}
