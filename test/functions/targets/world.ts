import type { BakeCall, ObserveCall, TargetsDeps } from '../../../functions/targets/deps.ts';
import { perform } from '../../../functions/targets/operations.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { parseAllowList } from '../../../shared/net/allow-list.ts';
import { createGuardedFetch, type GuardedFetch } from '../../../shared/net/guarded-fetch.ts';
import { systemResolver } from '../../../shared/net/resolver.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import type { Target } from '../../../shared/targets/target.ts';
import { freshBucket, type TestBucket } from '../../support/bucket.ts';
import {
  type DeploymentFacts,
  type Given,
  givenDeployment,
  givenProject,
  quietLog,
} from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { type TaskMachine, taskMachine } from '../../support/task-machine.ts';
import { openPlatform, type Platform } from './platform.ts';

type Op = 'release' | 'verify' | 'activate' | 'serving' | 'cancel' | 'restore' | 'resolve' | 'observe';

/** The operations of `targets` on real tables and buckets, against a platform that really serves. */
export interface World extends AsyncDisposable {
  readonly store: TestStore;
  readonly deps: TargetsDeps;
  readonly platform: Platform;
  readonly machine: TaskMachine;
  readonly secrets: TestBucket;
  readonly artifacts: TestBucket;
  readonly given: Given;
  /** What was put into the observe queue and not yet delivered. */
  readonly queue: { readonly call: ObserveCall | BakeCall; readonly delaySeconds: number }[];
  /** Which messages were hidden for how long, in order. */
  readonly hidden: { readonly receiptHandle: string; readonly seconds: number }[];
  deployment(facts?: DeploymentFacts): Promise<Deployment>;
  /** Calls the function as the machine or `steps` would. Of an activation it gives the answer to its token. */
  call(op: Op, deployment: Pick<Deployment, 'id'>, extra?: Record<string, unknown>): Promise<unknown>;
  /** Delivers the oldest message of the observe queue; false where there is none. */
  deliver(): Promise<boolean>;
  record(deployment: Pick<Deployment, 'id'>): Promise<Deployment>;
  messages(deployment: Pick<Deployment, 'id'>): Promise<readonly string[]>;
}

export interface WorldOptions {
  readonly staging?: boolean;
  /** Another adapter than the platform's, and the host that it may call. */
  readonly other?: { readonly host: string; make(fetch: GuardedFetch): Target };
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const store = await freshStore();
  const platform = await openPlatform(options.staging === undefined ? {} : { staging: options.staging });
  const machine = taskMachine();
  const [secrets, artifacts] = await Promise.all([freshBucket(), freshBucket()]);
  const given = await givenProject(store);
  const queue: { call: ObserveCall | BakeCall; delaySeconds: number }[] = [];
  const hidden: { receiptHandle: string; seconds: number }[] = [];
  const hosts = [platform.server.host, ...(options.other === undefined ? [] : [options.other.host])];
  const fetch = createGuardedFetch({ resolve: systemResolver, allowList: parseAllowList(hosts) });
  const target = options.other?.make(fetch) ?? platform.target;
  const deps: TargetsDeps = {
    store,
    machine,
    log: quietLog,
    secrets: secrets.objects,
    artifacts: artifacts.objects,
    fetch,
    target: async () => target,
    observeLater: async (call, delaySeconds) => {
      queue.push({ call, delaySeconds });
    },
    hideMessage: async (receiptHandle, seconds) => {
      hidden.push({ receiptHandle, seconds });
    },
    pushLines: async () => {},
  };
  const signal = new AbortController().signal;
  let tokens = 0;
  const call: World['call'] = async (op, { id }, extra = {}) => {
    const state = {
      executionArn: 'arn:execution',
      enteredAt: new Date(store.clock.now()).toISOString(),
      retryCount: 0,
    };
    const inMachine = op === 'release' || op === 'verify' || op === 'activate';
    tokens += 1;
    const taskToken = `token-${tokens}`;
    const waits = op === 'release' || op === 'activate';
    if (waits) machine.waitFor(taskToken);
    const payload = {
      op,
      contract: 1,
      deploymentId: id,
      ...(inMachine ? state : {}),
      ...(waits ? { taskToken } : {}),
      ...extra,
    };
    const result = await perform(() => deps, payload, signal);
    return op === 'activate' ? machine.answers.get(taskToken) : result;
  };
  return {
    store,
    deps,
    platform,
    machine,
    secrets,
    artifacts,
    given,
    queue,
    hidden,
    deployment: (facts) => givenDeployment(store, given, facts),
    call,
    deliver: async () => {
      const next = queue.shift();
      if (next === undefined) return false;
      await perform(() => deps, next.call, signal);
      return true;
    },
    record: ({ id }) => requireDeployment(store, id),
    messages: async ({ id }) =>
      (await readLines(store, id, { place: { after: 0 }, limit: 1000 })).lines.map(({ message }) => message),
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  };
}
