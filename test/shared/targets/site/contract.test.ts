import { ulid } from 'ulid';
import type { SiteSettings } from '../../../../shared/targets/site/adapter.ts';
import { type TargetWorld, targetContract } from '../contract.ts';
import { environment, siteWorld } from './world.ts';

targetContract(
  'site',
  async (): Promise<TargetWorld<SiteSettings>> => {
    const world = await siteWorld();
    return {
      target: world.target,
      environment() {
        const { projectId, deployment } = environment();
        return {
          deployment: (overrides) => deployment({ 'index.html': `page of ${ulid()}` }, overrides),
          async served() {
            const site = world.edge.sites().find((one) => one.projectId === projectId);
            if (site === undefined) return undefined;
            const answer = await fetch(site.address);
            await answer.body?.cancel();
            return answer.headers.get('x-slipway-release') ?? undefined;
          },
        };
      },
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  },
  true,
);
