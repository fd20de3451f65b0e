import { CloudFrontClient, CreateKeyValueStoreCommand } from '@aws-sdk/client-cloudfront';
import { type CloudFrontKeyValueStoreClient, PutKeyCommand } from '@aws-sdk/client-cloudfront-keyvaluestore';
import { ulid } from 'ulid';
import { beforeEach, expect, test } from 'vitest';
import { FenceLost, OutcomeUnknown, StageFailed } from '../../../../shared/errors/deployments.ts';
import { PlatformUnavailable } from '../../../../shared/errors/requests.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { edgeStoreClient } from '../../../../shared/platform/edge-store.ts';
import { systemRandom } from '../../../../shared/platform/random.ts';
import { KeyValues } from '../../../../shared/targets/site/key-values.ts';
import { readEntry, switchTo } from '../../../../shared/targets/site/switch.ts';
import { emulatorClient } from '../../../support/aws.ts';

const SITE = { projectId: 'prj_01J00000000000000000000001', environment: 'production' };
let storeArn: string;
let client: CloudFrontKeyValueStoreClient;
let keys: KeyValues;

beforeEach(async () => {
  const { endpoint, ...options } = emulatorClient();
  const cloudFront = new CloudFrontClient({ ...options, endpoint });
  const made = await cloudFront.send(new CreateKeyValueStoreCommand({ Name: `keys-${ulid()}` }));
  storeArn = made.KeyValueStore?.ARN ?? '';
  client = edgeStoreClient({ ...options, maxAttempts: 1 }, endpoint);
  keys = new KeyValues({ client, storeArn, clock: systemClock, random: systemRandom });
});

const signal = () => AbortSignal.timeout(20_000);
const allowed = async () => {};
const switching = (release: string | null, fence: number, assertMayChange = allowed) => ({
  ...{ site: SITE, release, fence, assertMayChange, signal: signal() },
  deployment: release ?? undefined,
});

/** Stands between the client and the store: what happens to each put before and after it is sent. */
function onPut(between: (put: () => Promise<unknown>, nth: number) => Promise<unknown>): void {
  let count = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== PutKeyCommand.name) return next(args);
      count += 1;
      // The middleware's answer is the SDK's own, whatever passes it on.
      return (await between(() => next(args), count)) as Awaited<ReturnType<typeof next>>;
    },
    { step: 'finalizeRequest', name: 'onPut' },
  );
}

const noAnswer = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

test('many sites switching at once in one store all get their release', async () => {
  const sites = Array.from({ length: 8 }, (_, index) => ({ ...SITE, environment: `e${index}` }));
  await Promise.all(sites.map((site) => switchTo(keys, { ...switching('dep_x', 1), site })));
  const entries = await Promise.all(sites.map((site) => readEntry(keys, site, signal())));
  expect(entries).toEqual(sites.map(() => ({ release: 'dep_x', fence: 1 })));
});

test('of two owners the one with the higher fence stays, in whichever order they come', async () => {
  const outcomes = await Promise.allSettled([
    switchTo(keys, switching('dep_old', 1)),
    switchTo(keys, switching('dep_new', 2)),
  ]);
  expect(outcomes[1]?.status).toBe('fulfilled');
  expect(await readEntry(keys, SITE, signal())).toEqual({ release: 'dep_new', fence: 2 });
  await expect(switchTo(keys, switching('dep_old', 1))).rejects.toBeInstanceOf(FenceLost);
});

test('a put whose answer was lost has taken effect once, and is reported as done', async () => {
  let puts = 0;
  onPut(async (put, nth) => {
    puts = nth;
    await put();
    throw noAnswer();
  });
  await switchTo(keys, switching('dep_a', 1));
  expect(puts).toBe(1);
  expect(await readEntry(keys, SITE, signal())).toEqual({ release: 'dep_a', fence: 1 });
});

test('a put that never arrived is sent again', async () => {
  onPut(async (put, nth) => {
    if (nth === 1) throw noAnswer();
    return put();
  });
  await switchTo(keys, switching('dep_a', 1));
  expect(await readEntry(keys, SITE, signal())).toEqual({ release: 'dep_a', fence: 1 });
});

test('a put that arrives after its successor changes nothing', async () => {
  let late: (() => Promise<unknown>) | undefined;
  onPut(async (put, nth) => {
    if (nth > 1) return put();
    late = put;
    throw noAnswer();
  });
  await switchTo(keys, switching('dep_a', 1));
  await switchTo(keys, switching('dep_b', 2));
  await expect(late?.()).rejects.toMatchObject({ name: 'ConflictException' });
  expect(await readEntry(keys, SITE, signal())).toEqual({ release: 'dep_b', fence: 2 });
});

test('losing the right to change while a put is unanswered leaves the outcome unknown', async () => {
  onPut(async () => {
    throw noAnswer();
  });
  let asked = 0;
  const onceOnly = async () => {
    asked += 1;
    if (asked > 1) throw new FenceLost('Settlement began.');
  };
  await expect(switchTo(keys, switching('dep_a', 1, onceOnly))).rejects.toBeInstanceOf(OutcomeUnknown);
});

test('time running out before anything is sent is not an unknown outcome', async () => {
  const change = { ...switching('dep_a', 1), signal: AbortSignal.abort() };
  await expect(switchTo(keys, change)).rejects.toBeInstanceOf(PlatformUnavailable);
  expect(await readEntry(keys, SITE, signal())).toBeUndefined();
});

test('time running out while a put is on the wire leaves the outcome unknown', async () => {
  const controller = new AbortController();
  onPut(async (put) => {
    await put();
    controller.abort();
    throw noAnswer();
  });
  const change = { ...switching('dep_a', 1), signal: controller.signal };
  await expect(switchTo(keys, change)).rejects.toBeInstanceOf(OutcomeUnknown);
});

test('a store that is not there is a wrong setting, not a fault to wait for', async () => {
  const elsewhere = new KeyValues({
    ...{ client, clock: systemClock, random: systemRandom },
    storeArn: storeArn.replace('keys-', 'gone-'),
  });
  const failure = switchTo(elsewhere, switching('dep_a', 1));
  await expect(failure).rejects.toBeInstanceOf(StageFailed);
  await expect(failure).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  // Least of all does it mean that nothing is live.
  await expect(readEntry(elsewhere, SITE, signal())).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
});
