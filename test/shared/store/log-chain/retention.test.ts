import { expect, test } from 'vitest';
import { GATE_LOG_DAYS } from '../../../../shared/domain/log-limits.ts';
import { appendLines, endLog } from '../../../../shared/store/log-chain.ts';
import { LogTails } from '../../../../shared/store/log-tails.ts';
import { addSystemLine, systemLog } from '../../../../shared/store/system-log.ts';
import { givenDeployment, givenProject } from '../../../support/given.ts';
import { freshStore } from '../../../support/store.ts';
import { allChunks } from './chain.ts';
import { DEPLOYMENT, numbered } from './lines.ts';

/** Days that each chunk of a log stays, whoever writes it: the gate, a build with its own tails, a target, the end. */
async function daysKept(logDays: number | undefined) {
  const store = await freshStore();
  const given = await givenProject(store);
  const snapshot = logDays === undefined ? {} : { retention: { logDays } };
  const { id } = await givenDeployment(store, given, { snapshot });
  const line = { level: 'info', step: 'gate', message: 'waits' } as const;
  await addSystemLine(store, id, 'steps', line, { atLeastDays: GATE_LOG_DAYS });
  const tails = new LogTails();
  await appendLines(store, id, 'build.0', 0, numbered(0, 2), { tails });
  await appendLines(store, id, 'build.0', 2, numbered(2, 4), { tails });
  const target = systemLog(store, id, 'release.1', { source: 'deploy' });
  target.add('release', 'info', 'uploading');
  await target.flush();
  await endLog(store, id);
  const now = store.clock.now() / 1000;
  return (await allChunks(store, id)).map(({ expiresAt }) => (expiresAt - now) / 86_400);
}

test.each([
  { logDays: undefined, expected: [360, 30, 30, 30, 30] },
  { logDays: 7, expected: [360, 7, 7, 7, 7] },
  { logDays: 400, expected: [400, 400, 400, 400, 400] },
])(
  'lines are kept as long as their environment says ($logDays days), those of the gate longer',
  async (each) => {
    expect(await daysKept(each.logDays)).toEqual(each.expected);
  },
);

test('a log of no deployment that is known is kept as long as everywhere', async () => {
  const store = await freshStore();
  await appendLines(store, DEPLOYMENT, 'build.0', 0, numbered(0, 1));
  const [chunk] = await allChunks(store);
  expect(((chunk?.expiresAt ?? 0) - store.clock.now() / 1000) / 86_400).toBe(30);
});
