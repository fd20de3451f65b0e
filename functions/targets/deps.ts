import * as z from 'zod/mini';
import type { TargetsEnv } from '../../shared/contracts/env.ts';
import type { bakeCall, observeCall } from '../../shared/contracts/steps.ts';
import type { LogLine } from '../../shared/domain/log.ts';
import type { TargetKind } from '../../shared/domain/records.ts';
import { type AllowList, parseAllowList } from '../../shared/net/allow-list.ts';
import type { GuardedFetch } from '../../shared/net/guarded-fetch.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { lazyMachine, lazyObjects, lazyQueue } from '../../shared/platform/lazy.ts';
import { keysAsNoticed } from '../../shared/platform/log-about.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { targetRegistry } from '../../shared/targets/index.ts';
import type { Target } from '../../shared/targets/target.ts';
import { siteOptions } from './site.ts';

export type ObserveCall = z.infer<typeof observeCall>;
export type BakeCall = z.infer<typeof bakeCall>;

/** What the operations need from outside; one set for each call. */
export interface TargetsDeps {
  readonly store: StoreContext;
  readonly machine: Machine;
  readonly log: Log;
  readonly secrets: Objects;
  readonly artifacts: Objects;
  /** The only way to an address that somebody typed in. */
  readonly fetch: GuardedFetch;
  target(kind: TargetKind): Promise<Target>;
  /** Has a pending release or the end of a bake looked at, after `delaySeconds` (900 at the most). */
  observeLater(call: ObserveCall | BakeCall, delaySeconds: number): Promise<void>;
  /** Keeps the message that this call was received with from being delivered again for so long. */
  hideMessage(receiptHandle: string, seconds: number): Promise<void>;
  /** Shows lines to whoever watches. */
  pushLines(store: StoreContext, deploymentId: string, lines: readonly LogLine[]): Promise<unknown>;
}

/** Makes what the call for one deployment needs. */
export type DepsFor = (deploymentId: string, correlationId: string) => TargetsDeps;

const hosts = z.array(z.string());

/** The parts of a running function; each call gets a log and a store that are about its deployment. */
export function targetsDeps(env: TargetsEnv, store: StoreContext): DepsFor {
  const log = createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL });
  const queue = lazyQueue(env.OBSERVE_QUEUE_URL);
  const reach = publishing(env);
  const guardedFetch = lazyFetch(parseAllowList(hosts.parse(JSON.parse(env.PRIVATE_HOSTS))));
  const parts = {
    machine: lazyMachine(),
    secrets: lazyObjects(env.SECRETS_BUCKET),
    artifacts: lazyObjects(env.ARTIFACTS_BUCKET),
    fetch: guardedFetch,
    target: targetRegistry({
      site: async () => {
        const [{ createSiteTarget }, options] = await Promise.all([
          import('../../shared/targets/site/create.ts'),
          siteOptions(env),
        ]);
        return createSiteTarget(options);
      },
      custom: async () => {
        const { customTarget } = await import('../../shared/targets/custom/adapter.ts');
        return customTarget({ fetch: guardedFetch, clock: systemClock, random: systemRandom });
      },
    }),
    observeLater: (call: ObserveCall | BakeCall, delaySeconds: number) =>
      queue.send(JSON.stringify(call), delaySeconds),
    hideMessage: queue.hide,
    pushLines: async (own: StoreContext, deploymentId: string, lines: readonly LogLine[]) => {
      const { publishLines } = await import('../../shared/platform/sockets.ts');
      return publishLines({ ...reach, store: own }, deploymentId, lines);
    },
  };
  return (deploymentId, correlationId) => {
    const about = keysAsNoticed();
    return {
      ...parts,
      store: { ...store, noticed: about.noticed },
      log: log.with({ correlationId, deploymentId }).with(about.keys),
    };
  };
}

/** The list is read at the start, where a wrong entry is noticed; the code that calls comes with the first call. */
function lazyFetch(allowList: AllowList): GuardedFetch {
  let made: Promise<GuardedFetch> | undefined;
  const make = async (): Promise<GuardedFetch> => {
    const [{ createGuardedFetch }, { systemResolver }] = await Promise.all([
      import('../../shared/net/guarded-fetch.ts'),
      import('../../shared/net/resolver.ts'),
    ]);
    return createGuardedFetch({ resolve: systemResolver, allowList });
  };
  return async (request) => {
    made ??= make();
    return (await made)(request);
  };
}
