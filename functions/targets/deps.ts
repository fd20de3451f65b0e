import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import type { TargetsEnv } from '../../shared/contracts/env.ts';
import type { observeCall } from '../../shared/contracts/steps.ts';
import type { LogLine } from '../../shared/domain/log.ts';
import type { TargetKind } from '../../shared/domain/records.ts';
import { parseAllowList } from '../../shared/net/allow-list.ts';
import { createGuardedFetch, type GuardedFetch } from '../../shared/net/guarded-fetch.ts';
import { systemResolver } from '../../shared/net/resolver.ts';
import { clientOptions } from '../../shared/platform/aws.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { createLog, type Log } from '../../shared/platform/logger.ts';
import { type Machine, stepFunctions } from '../../shared/platform/machine.ts';
import { type Objects, objectsOf } from '../../shared/platform/objects.ts';
import { apiGatewayPoster } from '../../shared/platform/poster.ts';
import { sqsQueue } from '../../shared/platform/queue.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import { publishLines } from '../../shared/platform/sockets.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { deploymentMeter } from '../../shared/store/meter.ts';
import { targetRegistry } from '../../shared/targets/index.ts';
import type { Target } from '../../shared/targets/target.ts';
import { siteOptions } from './site.ts';

export type ObserveCall = z.infer<typeof observeCall>;

/** What the operations need from outside; one set for each call, whose store meters for that deployment. */
export interface TargetsDeps {
  readonly store: StoreContext;
  readonly machine: Machine;
  readonly log: Log;
  readonly secrets: Objects;
  readonly artifacts: Objects;
  /** The only way to an address that somebody typed in. */
  readonly fetch: GuardedFetch;
  target(kind: TargetKind): Promise<Target>;
  /** Has a pending release looked at again, after `delaySeconds`. */
  observeLater(call: ObserveCall, delaySeconds: number): Promise<void>;
  /** Shows lines to whoever watches. */
  pushLines(store: StoreContext, deploymentId: string, lines: readonly LogLine[]): Promise<unknown>;
}

const hosts = z.array(z.string());

/** The parts of a running function; each call gets a store that meters for its deployment. */
export function targetsDeps(env: TargetsEnv): (deploymentId: string) => TargetsDeps {
  const s3 = new S3Client(clientOptions());
  const log = createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL });
  const queue = sqsQueue(env.OBSERVE_QUEUE_URL);
  const poster = apiGatewayPoster(env.SOCKETS_ENDPOINT);
  const store: StoreContext = {
    client: new DynamoDBClient(clientOptions()),
    recordsTable: env.RECORDS_TABLE,
    liveTable: env.LIVE_TABLE,
    clock: systemClock,
    random: systemRandom,
    // No list is served here, so there is no cursor to sign.
    cursorKey: '',
  };
  const guardedFetch = createGuardedFetch({
    resolve: systemResolver,
    allowList: parseAllowList(hosts.parse(JSON.parse(env.PRIVATE_HOSTS))),
  });
  const parts = {
    machine: stepFunctions(),
    secrets: objectsOf(env.SECRETS_BUCKET, s3),
    artifacts: objectsOf(env.ARTIFACTS_BUCKET, s3),
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
    observeLater: (call: ObserveCall, delaySeconds: number) => queue.send(JSON.stringify(call), delaySeconds),
    pushLines: (own: StoreContext, deploymentId: string, lines: readonly LogLine[]) =>
      publishLines({ store: own, poster }, deploymentId, lines),
  };
  return (deploymentId) => ({
    ...parts,
    store: { ...store, meter: deploymentMeter(systemClock) },
    log: log.with({ deploymentId }),
  });
}
