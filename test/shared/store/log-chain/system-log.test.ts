import { expect, test } from 'vitest';
import type { LogLine } from '../../../../shared/domain/log.ts';
import { appendLines } from '../../../../shared/store/log-chain.ts';
import { systemLog } from '../../../../shared/store/system-log.ts';
import { freshStore } from '../../../support/store.ts';
import { allLines, sabotaged } from './chain.ts';
import { DEPLOYMENT, messages, numbered } from './lines.ts';

test('a retried attempt does not write its lines twice, and goes on where the first try stopped', async () => {
  const store = await freshStore();
  const attempt = async (until: number) => {
    const log = systemLog(store, DEPLOYMENT, 'release.1');
    for (let i = 1; i <= until; i += 1) {
      log.add('release', 'info', `step ${i}`);
      await log.flush();
    }
  };
  await attempt(2);
  await attempt(3);
  expect(messages(await allLines(store))).toEqual(['step 1', 'step 2', 'step 3']);
});

test('several lines in one message are several lines; they are pushed once they are stored', async () => {
  const store = await freshStore();
  const pushed: LogLine[] = [];
  const log = systemLog(store, DEPLOYMENT, 'gate.1', {
    pushed: async (lines) => {
      pushed.push(...lines);
    },
  });
  log.add('gate', 'error', 'first\r\nsecond');
  await log.flush();
  await log.flush();
  expect(pushed.map((line) => [line.n, line.source, line.message])).toEqual([
    [1, 'system', 'first'],
    [2, 'system', 'second'],
  ]);
});

test('lines whose write failed are written with the next flush', async () => {
  const store = await freshStore();
  let dead = true;
  const log = systemLog(
    sabotaged(store, () => (dead ? 'die' : 'go-on')),
    DEPLOYMENT,
    'gate.1',
  );
  log.add('gate', 'info', 'one');
  await expect(log.flush()).rejects.toThrow('died');
  dead = false;
  log.add('gate', 'info', 'two');
  await log.flush();
  expect(messages(await allLines(store))).toEqual(['one', 'two']);
});

test('one-off lines come after whatever their producer wrote, also when several write at once', async () => {
  const store = await freshStore();
  const say = (i: number) => appendLines(store, DEPLOYMENT, 'relay', 'next', numbered(i, i + 1, 'relay'));
  await Promise.all([say(0), say(1), say(2), say(3)]);
  await say(4);
  const lines = messages(await allLines(store));
  expect(lines.toSorted()).toEqual(messages(numbered(0, 5, 'relay')));
  expect(lines.at(-1)).toBe('relay 4');
});
