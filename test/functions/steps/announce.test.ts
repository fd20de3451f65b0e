import { expect, test } from 'vitest';
import { announcer } from '../../../functions/steps/announce.ts';
import { freshStore } from '../../support/store.ts';
import { nobodyWatches } from '../../support/viewers.ts';
import { type LogLine, recordingLog } from '../api/support.ts';

test('a word to agents that cannot be said is logged and fails nothing', async () => {
  const store = { ...(await freshStore()), liveTable: 'no-such-table' };
  const lines: LogLine[] = [];
  const { announceJob, announceCancel } = announcer({ ...nobodyWatches, store }, recordingLog(lines, {}));
  await announceJob('job', 'default');
  await announceCancel('job', 'default');
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
});
