import { targetsCall } from '../../shared/contracts/steps.ts';
import { activate } from './activate.ts';
import type { TargetsDeps } from './deps.ts';
import { observe } from './observe.ts';
import { cancel, restore, serving } from './read-back.ts';
import { release } from './release.ts';
import { resolve } from './resolve.ts';
import { verify } from './verify.ts';

/** Does what the payload asks for; a payload of another form is refused before anything is done. */
export async function perform(
  depsFor: (deploymentId: string) => TargetsDeps,
  payload: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const call = targetsCall.parse(payload);
  const deps = depsFor(call.deploymentId);
  switch (call.op) {
    case 'release':
      return release(deps, call, signal);
    case 'verify':
      return verify(deps, call, signal);
    case 'activate':
      return activate(deps, call, signal);
    case 'observe':
      return observe(deps, call, signal);
    case 'resolve':
      return resolve(deps, call.deploymentId, signal);
    case 'serving':
      return serving(deps, call.deploymentId, signal);
    case 'cancel':
      return cancel(deps, call.deploymentId, signal);
    case 'restore':
      return restore(deps, call.deploymentId, signal);
  }
}
