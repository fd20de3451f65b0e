import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import { parseAllowList } from '../../../../shared/net/allow-list.ts';
import { createGuardedFetch } from '../../../../shared/net/guarded-fetch.ts';
import { systemResolver } from '../../../../shared/net/resolver.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { systemRandom } from '../../../../shared/platform/random.ts';
import {
  type CustomContext,
  type CustomSettings,
  customTarget,
} from '../../../../shared/targets/custom/adapter.ts';
import type { Target } from '../../../../shared/targets/target.ts';
import {
  type CustomServer,
  type CustomServerOptions,
  startCustomServer,
} from '../../../support/custom-server.ts';
import { listen } from '../../../support/http-server.ts';
import { zipOf } from '../../../support/zip.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

/** A deployment server, a store that artifacts are fetched from, and the target that talks to the server. */
export interface CustomWorld extends AsyncDisposable {
  readonly server: CustomServer;
  readonly target: Target<CustomSettings>;
  environment(): {
    readonly projectId: string;
    deployment(overrides?: Partial<CustomContext>): CustomContext;
  };
}

export async function customWorld(options: Partial<CustomServerOptions> = {}): Promise<CustomWorld> {
  const zip = await zipOf([{ path: 'index.html', content: '<h1>hello</h1>' }]);
  const store = await listen((_request, response) => response.end(zip));
  const server = await startCustomServer({ secret: SECRET, ...options });
  const fetch = createGuardedFetch({ resolve: systemResolver, allowList: parseAllowList([server.host]) });
  const artifact = {
    digest: createHash('sha256').update(zip).digest('hex'),
    size: zip.length,
    link: async () => `http://${store.host}/artifact.zip`,
    files: () => Promise.reject(new Error('The server unpacks the zip itself.')),
  };
  return {
    server,
    target: customTarget({ fetch, clock: systemClock, random: systemRandom }),
    environment() {
      const projectId = `prj_${ulid()}`;
      let fence = 0;
      return {
        projectId,
        deployment(overrides = {}) {
          fence += 1;
          return {
            deploymentId: `dep_${ulid()}`,
            projectId,
            projectName: 'shop',
            environment: 'production',
            settings: { kind: 'custom', url: server.url, secret: 'DEPLOY_SECRET' },
            configuration: { replicas: 2 },
            parameters: {},
            variables: { DEPLOY_SECRET: SECRET, API_URL: 'https://api.example.test' },
            fence,
            artifact,
            log: () => {},
            assertMayChange: async () => {},
            signal: AbortSignal.timeout(20_000),
            ...overrides,
          };
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Places a release and waits until it is placed. */
export async function released(target: Target<CustomSettings>, ctx: CustomContext): Promise<CustomContext> {
  await target.prepare(ctx);
  const { releaseId, state } = await target.start(ctx);
  const context = { ...ctx, releaseId };
  for (let look = 0; state === 'pending' && look < 1000; look += 1) {
    if ((await target.observe(context, undefined)).status === 'succeeded') break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return context;
}
