import { gunzipSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LogVerifier } from '../../../client/src/logs/verify.ts';
import { logLine } from '../../../shared/contracts/logs.ts';
import type { LogLine } from '../../../shared/domain/log.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { closeLog } from '../../../shared/platform/log-closing.ts';
import { deploymentItem } from '../../../shared/store/deployment-item.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import { putItem } from '../../../shared/store/engine.ts';
import { archiveKey, textKey } from '../../../shared/store/log-archive-keys.ts';
import { appendLines, endLog } from '../../../shared/store/log-chain.ts';
import { readLines } from '../../../shared/store/log-read.ts';
import { loggedDeployment, logSource } from '../../../shared/store/log-source.ts';
import { addSystemLine } from '../../../shared/store/system-log.ts';
import { freshBucket, type TestBucket } from '../../support/bucket.ts';
import { givenDeployment, givenProject } from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { nobodyWatches } from '../../support/viewers.ts';
import { allLines } from '../store/log-chain/chain.ts';
import { messages, numbered } from '../store/log-chain/lines.ts';

/** Lines that a build sends, and those of a batch, after each of which the service says something. */
const SENT = 2000;
const BATCH = 250;
const DAY_MS = 24 * 3600_000;

/** The record as settlement leaves it: its log is still to be closed. */
async function ends(store: TestStore, id: string): Promise<Deployment> {
  const current = await requireDeployment(store, id);
  const ended: Deployment = {
    ...current,
    status: 'succeeded',
    finishedAt: current.createdAt,
    durationSeconds: 1,
    closing: true,
  };
  await putItem(store, deploymentItem(ended), { expression: 'attribute_exists(pk)' });
  return ended;
}

/** Every line, page by page, as readers get them from an archive: the store that is asked has nothing of the log. */
async function fromArchive(store: TestStore, bucket: TestBucket, id: string): Promise<LogLine[]> {
  store.clock.advance(31 * DAY_MS);
  const source = logSource(
    store,
    async () => bucket.objects,
    loggedDeployment(await requireDeployment(store, id)),
  );
  const empty = await freshStore(store.clock);
  const lines: LogLine[] = [];
  for (;;) {
    const place = { after: lines.length };
    const read = await readLines(empty, id, { place, limit: 700 }, source);
    lines.push(...read.lines);
    if (read.through === read.end?.lines) return lines;
  }
}

test.each([
  { cap: 'lines', limits: { lines: 1200, bytes: 1_000_000 } },
  { cap: 'bytes', limits: { lines: 1_000_000, bytes: 12_000 } },
])(
  'a log at its cap of $cap says what it lacks, is archived and proven, and is read from there as it stood in the chain',
  async ({ limits }) => {
    const store = await freshStore();
    const bucket = await freshBucket();
    const { id } = await givenDeployment(store, await givenProject(store));
    const send = (at: number) => appendLines(store, id, 'build.0', at, numbered(at, at + BATCH), { limits });
    for (let at = 0; at < SENT; at += BATCH) {
      await send(at);
      await addSystemLine(store, id, 'steps', { level: 'info', step: 'build', message: `${at} and more` });
    }
    // The answer to the last did not come, so it comes again; what is counted already is not counted twice.
    expect(await send(SENT - BATCH)).toMatchObject({ lines: [], nextOffset: SENT });
    await closeLog({ store, ...nobodyWatches }, bucket.objects, await ends(store, id));
    expect(await requireDeployment(store, id)).toMatchObject({ closing: false });

    const chain = await allLines(store, id);
    const kept = chain.filter(({ source }) => source === 'build');
    const full = chain.filter(({ message }) => message.startsWith('This log is full'));
    // More than one member of the archive holds.
    expect(kept.length).toBeGreaterThan(1000);
    expect(messages(kept)).toEqual(messages(numbered(0, kept.length)));
    expect(full).toMatchObject([{ n: (kept.at(-1)?.n ?? 0) + 1, level: 'warn', source: 'system' }]);
    expect(messages(chain).filter((message) => message.endsWith('and more'))).toHaveLength(SENT / BATCH);
    expect(chain.at(-1)?.message).toBe(
      `${SENT - kept.length} lines were counted and not kept, because the log was full.`,
    );

    const bytes = (await bucket.objects.read(archiveKey(id))) ?? new Uint8Array();
    const verifier = new LogVerifier();
    for (const line of gunzipSync(bytes).toString().trim().split('\n'))
      await verifier.add(logLine.parse(JSON.parse(line)));
    expect(verifier.agrees(await endLog(store, id))).toBe(true);
    const packed = (await bucket.objects.read(textKey(id))) ?? new Uint8Array();
    const text = gunzipSync(packed).toString();
    // Browsers and curl read no further than the first member, behind its header of ten bytes.
    expect(inflateRawSync(packed.subarray(10)).toString()).toBe(text);
    expect(text).toBe(
      messages(chain)
        .map((message) => `${message}\n`)
        .join(''),
    );
    expect(await fromArchive(store, bucket, id)).toEqual(chain);
  },
);
