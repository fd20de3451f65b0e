import type * as z from 'zod/mini';
import { targetsCall } from '../../shared/contracts/steps.ts';
import { chargeTo } from '../../shared/platform/account.ts';
import { spanned } from '../../shared/platform/spans.ts';
import type { TargetsDeps } from './deps.ts';

/**
 * Does what the payload asks for; a payload of another form is refused before anything is done. The code of an
 * operation is loaded with its first call, since a cold start is for one of them.
 */
export async function perform(
  depsFor: (deploymentId: string) => TargetsDeps,
  payload: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const call = targetsCall.parse(payload);
  chargeTo(call.deploymentId);
  const deps = depsFor(call.deploymentId);
  return spanned(deps.log, deps.store.clock, `targets ${call.op}`, () => operation(deps, call, signal));
}

async function operation(
  deps: TargetsDeps,
  call: z.infer<typeof targetsCall>,
  signal: AbortSignal,
): Promise<unknown> {
  switch (call.op) {
    case 'release':
      return (await import('./release.ts')).release(deps, call, signal);
    case 'verify':
      return (await import('./verify.ts')).verify(deps, call, signal);
    case 'activate':
      return (await import('./activate.ts')).activate(deps, call, signal);
    case 'observe':
      return (await import('./observe.ts')).observe(deps, call, signal);
    case 'bake':
      return (await import('./bake.ts')).endBake(deps, call, signal);
    case 'resolve':
      return (await import('./resolve.ts')).resolve(deps, call.deploymentId, signal);
    case 'serving':
      return (await import('./read-back.ts')).serving(deps, call.deploymentId, signal);
    case 'cancel':
      return (await import('./read-back.ts')).cancel(deps, call.deploymentId, signal);
    case 'hook':
      return (await import('./hooks.ts')).callPostHook(deps, call, signal);
    case 'restore':
      return (await import('./read-back.ts')).restore(deps, call.deploymentId, signal);
  }
}
