import { beforeEach, describe, expect, test } from 'vitest';
import { logPage } from '../../../../shared/contracts/logs.ts';
import type { Deployment } from '../../../../shared/domain/records.ts';
import { appendLines } from '../../../../shared/store/log-chain.ts';
import { numbered } from '../../../shared/store/log-chain/lines.ts';
import { givenDeployment, givenProject } from '../../../support/given.ts';
import { type TestApi, testApi } from '../support.ts';

let api: TestApi;
let deployment: Deployment;
beforeEach(async () => {
  api = await testApi();
  deployment = await givenDeployment(api.store, await givenProject(api.store));
});

const write = (messages: readonly string[], from = 0) =>
  appendLines(
    api.store,
    deployment.id,
    'build.0',
    from,
    numbered(0, messages.length).map((line, i) => ({ ...line, message: messages[i] ?? '' })),
  );

async function search(text: string, more = '') {
  const query = `?search=${encodeURIComponent(text)}${more}`;
  const { body } = await api.send(`GET /v1/deployments/${deployment.id}/logs${query}`);
  return logPage.parse(body);
}

describe('a search', () => {
  test('says where in each line the text stands, whatever its case and colours', async () => {
    const messages = ['no', 'Error: one ERROR', '\u001b[31mErr\u001b[1mor\u001b[0m!', 'İ error'];
    await write(messages);
    const { items } = await search('error');
    const found = items.map(({ n, message, hits = [] }) => ({
      n,
      found: hits.map(({ from, to }) => message.slice(from, to)),
    }));
    expect(found).toEqual([
      { n: 2, found: ['Error', 'ERROR'] },
      { n: 3, found: ['Err\u001b[1mor'] },
      { n: 4, found: ['error'] },
    ]);
  });

  test('that found nothing says how far it has looked, and where to go on', async () => {
    await write(['a', 'b', 'c']);
    expect(await search('zebra')).toEqual({ items: [], nextCursor: '3', scanned: { from: 1, to: 3 } });
    await write(['zebra'], 3);
    const next = await search('zebra', '&after=3');
    expect(next).toMatchObject({
      items: [{ n: 4, hits: [{ from: 0, to: 5 }] }],
      scanned: { from: 4, to: 4 },
    });
  });

  test('goes back from the end, and says how far', async () => {
    await write(['zebra', 'b', 'zebra', 'd']);
    expect(await search('zebra', '&before=4&limit=1')).toMatchObject({
      items: [{ n: 3 }],
      scanned: { from: 3, to: 3 },
      previousCursor: '3',
    });
  });

  test('takes a regular expression literally, also one that would never end', async () => {
    const evil = '(a+)+$';
    await write([`${'a'.repeat(60_000)}!`, `looks like ${evil}`]);
    const start = performance.now();
    const { items } = await search(evil);
    expect(items).toMatchObject([{ n: 2, hits: [{ from: 11, to: 17 }] }]);
    // It would take longer than the universe has been there.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('names at most a hundred places of a line', async () => {
    await write(['x'.repeat(60_000)]);
    expect((await search('x')).items[0]?.hits).toHaveLength(100);
  });

  test('without a text names no places; with another filter it says how far it has looked', async () => {
    await write(['a']);
    const { body } = await api.send(`GET /v1/deployments/${deployment.id}/logs`);
    expect(body).not.toHaveProperty('scanned');
    const filtered = await api.send(`GET /v1/deployments/${deployment.id}/logs?level=error`);
    expect(filtered.body).toEqual({ items: [], nextCursor: '1', scanned: { from: 1, to: 1 } });
  });
});
