import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { keepSubscribed } from '../../../runner/protocol/socket.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { startFakeSocket } from '../../support/fake-socket.ts';
import { testJournal } from '../fixtures.ts';

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}

test('a socket that was too slow for its frames is opened anew, told so or not', async () => {
  await using service = await startFakeSocket();
  const stop = new AbortController();
  let looked = 0;
  const kept = keepSubscribed({
    address: async () => service.url,
    token: 'slr_x',
    clock: systemClock,
    random: systemRandom,
    journal: testJournal().journal,
    signal: stop.signal,
    onOffer: () => {
      looked += 1;
    },
    onCancel: () => {},
    onRefused: () => {},
    pingMs: 100,
  });
  onTestFinished(async () => {
    stop.abort();
    await kept;
  });
  await until(() => service.subscribed === 1);
  service.leaveAllBehind(true);
  await until(() => service.subscribed === 2);
  service.leaveAllBehind(false);
  await until(() => service.subscribed === 3);
  // What was offered meanwhile may have been missed each time.
  await until(() => looked === 3);
  expect(service.subscribed).toBe(3);
});
