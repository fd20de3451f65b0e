import * as z from 'zod/mini';
import { deploymentId } from './ids.ts';
import { STEP_CONTRACT } from './step-contract.ts';

export { STEP_CONTRACT };

const contract = z.literal(STEP_CONTRACT);
const execution = {
  contract,
  deploymentId,
  /** ARN of the execution that calls; settlement stops any other than its own. */
  executionArn: z.string(),
  /** ISO time at which the state was entered; orders task tokens. */
  enteredAt: z.string(),
  retryCount: z.number(),
};
const withToken = { ...execution, taskToken: z.string() };

/** Payloads of the states of the deploy machine, one schema a state. */
export const gateState = z.strictObject({ op: z.literal('gate'), ...withToken });
export const buildState = z.strictObject({ op: z.literal('build'), ...withToken });
export const releaseState = z.strictObject({ op: z.literal('release'), ...withToken });
export const verifyState = z.strictObject({ op: z.literal('verify'), ...execution });
export const activateState = z.strictObject({ op: z.literal('activate'), ...withToken });
/** A post hook: a round of the activation like those that move traffic. */
export const hookState = z.strictObject({ op: z.literal('hook'), ...withToken });
export const settleState = z.strictObject({ op: z.literal('settle'), ...execution });

/** The gate asked to look again because `wake` was raised (by relay or sweep). */
export const wakeCall = z.strictObject({ op: z.literal('wake'), contract, deploymentId });
/** Settlement asked for by the status-change rule or the sweep. `reason` goes to the record and the log. */
export const reapCall = z.strictObject({
  op: z.literal('reap'),
  contract,
  deploymentId,
  reason: z.enum([
    'execution-ended',
    'stage-deadline',
    'total-deadline',
    'claim-deadline',
    'runner-lost',
    'settling',
    'cancel',
    'cancel-deadline',
  ]),
});

/** Everything the `steps` function is invoked with. */
export const stepsCall = z.discriminatedUnion('op', [
  gateState,
  buildState,
  hookState,
  settleState,
  wakeCall,
  reapCall,
]);
export type StepsCall = z.infer<typeof stepsCall>;

/** Direct calls of `targets` by `steps` (request and answer, no state machine). */
export const resolveCall = z.strictObject({ op: z.literal('resolve'), contract, deploymentId });
export const servingCall = z.strictObject({ op: z.literal('serving'), contract, deploymentId });
export const cancelCall = z.strictObject({ op: z.literal('cancel'), contract, deploymentId });
export const restoreCall = z.strictObject({ op: z.literal('restore'), contract, deploymentId });
/** The post hook of the activation's present round is an http call: make it. */
export const hookCall = z.strictObject({ op: z.literal('hook'), contract, deploymentId, round: z.number() });
/** From the `observe` queue: look at a pending release again. */
export const observeCall = z.strictObject({
  op: z.literal('observe'),
  contract,
  deploymentId,
  attempt: z.number(),
  cursor: z.optional(z.string()),
});
/** From the `observe` queue: the bake of an activation's round is over. */
export const bakeCall = z.strictObject({
  op: z.literal('bake'),
  contract,
  deploymentId,
  round: z.number(),
});

export const targetsCall = z.discriminatedUnion('op', [
  releaseState,
  verifyState,
  activateState,
  resolveCall,
  servingCall,
  cancelCall,
  restoreCall,
  hookCall,
  observeCall,
  bakeCall,
]);

export const resolveAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('resolved'), sha: z.string(), ref: z.string() }),
  z.strictObject({ kind: z.literal('unknown-ref'), known: z.array(z.string()) }),
  /** The reason is operator-worded and free of secrets. */
  z.strictObject({
    kind: z.literal('failed'),
    code: z.enum(['AUTH_FAILED', 'PLATFORM_UNAVAILABLE', 'INVALID_CONFIG']),
    message: z.string(),
  }),
]);
export type ResolveAnswer = z.infer<typeof resolveAnswer>;

export const servingAnswer = z.strictObject({
  /** False: the target could not be read; settlement tries again later. */
  known: z.boolean(),
  deploymentId: z.optional(z.string()),
  releaseId: z.optional(z.string()),
  url: z.optional(z.string()),
  /** Who else is served to some of the visitors. */
  shares: z.optional(z.array(z.strictObject({ deploymentId: z.string(), percent: z.number() }))),
});
export type ServingAnswer = z.infer<typeof servingAnswer>;

/** The words are for people and free of secrets. */
export const hookAnswer = z.strictObject({ passed: z.boolean(), message: z.string() });
export type HookAnswer = z.infer<typeof hookAnswer>;

export const cancelAnswer = z.strictObject({ stopped: z.boolean() });
export const restoreAnswer = z.strictObject({ restored: z.boolean(), message: z.optional(z.string()) });
