import {
  cancelAnswer,
  type HookAnswer,
  hookAnswer,
  type ResolveAnswer,
  resolveAnswer,
  restoreAnswer,
  type ServingAnswer,
  STEP_CONTRACT,
  servingAnswer,
} from '../../shared/contracts/steps.ts';
import { DIRECT_CALL_SECONDS } from '../../shared/domain/deadlines.ts';
import type { FunctionCaller } from '../../shared/platform/functions.ts';

/** The direct calls of `targets`, with answers that were checked. No answer in time raises PlatformUnavailable. */
export interface TargetsFunction {
  resolve(deploymentId: string): Promise<ResolveAnswer>;
  serving(deploymentId: string): Promise<ServingAnswer>;
  /** Makes the http call of the round's post hook. */
  hook(deploymentId: string, round: number): Promise<HookAnswer>;
  cancel(deploymentId: string): Promise<{ readonly stopped: boolean }>;
  restore(
    deploymentId: string,
  ): Promise<{ readonly restored: boolean; readonly message?: string | undefined }>;
}

/** How much longer the caller waits than the call may take, in seconds: cold start and way back. */
const MARGIN_SECONDS = 10;

export function targetsFunction(functions: FunctionCaller, functionName: string): TargetsFunction {
  const call = (op: keyof typeof DIRECT_CALL_SECONDS, deploymentId: string, more: object = {}) =>
    functions.call(
      functionName,
      { op, contract: STEP_CONTRACT, deploymentId, ...more },
      DIRECT_CALL_SECONDS[op] + MARGIN_SECONDS,
    );
  return {
    resolve: async (id) => resolveAnswer.parse(await call('resolve', id)),
    serving: async (id) => servingAnswer.parse(await call('serving', id)),
    hook: async (id, round) => hookAnswer.parse(await call('hook', id, { round })),
    cancel: async (id) => cancelAnswer.parse(await call('cancel', id)),
    restore: async (id) => restoreAnswer.parse(await call('restore', id)),
  };
}
