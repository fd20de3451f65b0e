import type { CustomSettings } from '../../../../shared/targets/custom/adapter.ts';
import { type TargetWorld, targetContract } from '../contract.ts';
import { customWorld } from './world.ts';

/** Against a server that answers when it is done, and one that goes on after its answer. */
for (const [name, pendingMs] of [
  ['custom, done at once', 0],
  ['custom, done later', 30],
] as const) {
  targetContract(name, async (): Promise<TargetWorld<CustomSettings>> => {
    const world = await customWorld({ pendingMs });
    return {
      target: world.target,
      environment() {
        const { projectId, deployment } = world.environment();
        return {
          deployment,
          async served() {
            const answer = await fetch(world.server.address(projectId, 'production'));
            return answer.headers.get('x-release') ?? undefined;
          },
        };
      },
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  });
}
