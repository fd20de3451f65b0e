import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { appendLines, endLog } from '../../../../shared/store/log-chain.ts';
import { LogTails } from '../../../../shared/store/log-tails.ts';
import { corpusLines, unwatchedFlushes } from '../../../support/corpus.ts';
import { writeUnits } from '../../../support/item-size.ts';
import { freshStore } from '../../../support/store.ts';
import { allChunks, allLines } from './chain.ts';
import { DEPLOYMENT, messages } from './lines.ts';

test('an unwatched build of 1,648 lines costs at most 12 write units per 1,000 lines, and is kept whole', async () => {
  const store = await freshStore();
  const lines = corpusLines('npm-build.log');
  const tails = new LogTails();
  let offset = 0;
  for (const flush of unwatchedFlushes(lines)) {
    await appendLines(store, DEPLOYMENT, 'build.0', offset, flush, { tails });
    offset += flush.length;
  }
  await endLog(store, DEPLOYMENT, { tails });
  expect(messages(await allLines(store))).toEqual(messages(lines));

  let units = 0;
  for (const { chunk } of await allChunks(store)) {
    const { Item } = await store.client.send(
      new GetItemCommand({
        TableName: store.liveTable,
        Key: { pk: { S: `LOG#${DEPLOYMENT}` }, sk: { S: `C#${String(chunk).padStart(8, '0')}` } },
      }),
    );
    units += writeUnits(Item ?? {});
  }
  expect((units / lines.length) * 1000).toBeLessThanOrEqual(12);
});
