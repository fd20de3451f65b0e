import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { LogVerifier } from '../../../../client/src/logs/verify.ts';
import { PURGE_AGAIN_MS } from '../../../../shared/domain/log-purge.ts';
import { nextLookAt, SWEEP_GRACE_MS } from '../../../../shared/domain/next-look.ts';
import { lineView } from '../../../../shared/platform/frames.ts';
import { claimNextJob } from '../../../../shared/store/job-claims.ts';
import { finishJob, offerJob } from '../../../../shared/store/jobs.ts';
import { logChunkKey } from '../../../../shared/store/keys.ts';
import { archiveLog } from '../../../../shared/store/log-archive.ts';
import type { ArchiveObjects } from '../../../../shared/store/log-archive-form.ts';
import { appendLines, endLog } from '../../../../shared/store/log-chain.ts';
import { readLines } from '../../../../shared/store/log-read.ts';
import { loggedDeployment, logSource } from '../../../../shared/store/log-source.ts';
import { allChunks } from '../../store/log-chain/chain.ts';
import { numbered } from '../../store/log-chain/lines.ts';
import { dyingAt, LeakyLog, leakyLines, SECRET } from './world.ts';

async function verified(log: LeakyLog) {
  const { lines, end } = await log.read();
  const verifier = new LogVerifier();
  for (const line of lines) await verifier.add(lineView(line));
  return { complete: end !== undefined && verifier.agrees(end), purged: verifier.purged, lines };
}

async function expectClean(log: LeakyLog) {
  const all = await log.everything();
  expect(all).not.toContain(SECRET);
  // What was not meant is still there.
  expect(all).toContain('build 11');
  expect(await verified(log)).toMatchObject({ complete: true, purged: 1 });
}

describe('a purge', () => {
  test('of a finished log leaves the bytes nowhere in tables and bucket, and the log provably complete', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close();
    expect(await log.everything()).toContain(SECRET);
    await log.wish(13, 13);
    await log.carryOut();
    await expectClean(log);
    const { lines } = await log.read();
    expect(lines[12]).toMatchObject({ n: 13, level: 'info', step: 'build', message: '[purged]' });
    expect(lines[11]).toEqual({ ...leakyLines()[11], n: 12 });
    const record = await log.record();
    expect(record.purges).toMatchObject([{ from: 13, to: 13, by: 'ann', reason: 'a key' }]);
    expect('error' in record && record.error?.message).toBe('The build command exited with 1.\n[purged]');
  });

  test('while the log grows leaves what is appended meanwhile, and the archive comes without it', async () => {
    const log = await LeakyLog.written();
    await log.wish(13, 13);
    await log.carryOut();
    await appendLines(log.store, log.id, 'build.0', 30, numbered(30, 35));
    // Whoever ends it read the record, and heard of the failure, before the purge.
    await log.end();
    await log.close();
    const { lines } = await verified(log);
    expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 35 }, (_, i) => i + 1));
    expect(await log.everything()).not.toContain(SECRET);
  });

  test('is kept from the eyes of readers from the wish on, and no search finds it', async () => {
    const log = await LeakyLog.written();
    await log.wish(13, 13);
    expect(JSON.stringify(await log.read())).not.toContain(SECRET);
    expect((await verified(log)).purged).toBe(1);
  });

  test('of an expired log is one of its archive', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close();
    log.store.clock.advance(31 * 86_400_000);
    await log.wish(13, 13);
    await log.carryOut();
    const { complete, purged } = await verified(log);
    expect([complete, purged]).toEqual([true, 1]);
    expect((await log.keys()).every((key) => key.includes('.purged-1.'))).toBe(true);
  });

  test('comes twice, or for lines that overlap, and each line is purged once', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close();
    await log.wish(12, 14);
    await log.carryOut();
    await log.carryOut();
    await log.wish(13, 20);
    await log.carryOut();
    expect(await verified(log)).toMatchObject({ complete: true, purged: 9 });
    expect((await log.keys()).every((key) => key.includes('.purged-2.'))).toBe(true);
  });

  test('takes the text out of what the job said at its end', async () => {
    const log = await LeakyLog.written();
    await failedJob(log);
    await log.end();
    await log.close();
    await log.wish(13, 13);
    await log.carryOut();
    await expectClean(log);
  });

  test('takes it out of what a job said that was written after it by who had read the record before', async () => {
    const log = await LeakyLog.written();
    await log.wish(13, 13);
    await log.carryOut();
    await failedJob(log);
    await log.end();
    await log.close();
    log.store.clock.advance(PURGE_AGAIN_MS);
    await log.carryOut();
    await expectClean(log);
  });
});

/** A job whose result repeats the last lines of its log. */
async function failedJob(log: LeakyLog): Promise<void> {
  const { projectId, environment } = await log.record();
  const timeouts = { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 };
  const place = { deploymentId: log.id, projectId, environment, kind: 'build', round: 0 } as const;
  await offerJob(log.store, { ...place, runner: { kind: 'agent', label: 'default' }, timeouts });
  await claimNextJob(log.store, {
    label: 'default',
    kinds: ['build'],
    nonce: 'n'.repeat(20),
    name: 'laptop',
    tokenId: 'tok_1',
    serves: () => true,
  });
  const failure = {
    code: 'BUILD_FAILED',
    step: 'build',
    message: `It exited with 1.\nPASSWORD=${SECRET}`,
    retryable: false,
    suggestion: 'Look.',
  } as const;
  await finishJob(log.store, `${log.id}.build.0`, { outcome: 'failed', lines: 30, failure });
}

describe('whoever purges may die', () => {
  test.each(['die', 'lose-answer'] as const)(
    'at any write (%s), and the next one does the rest',
    async (fate) => {
      for (let nth = 1; ; nth += 1) {
        const log = await LeakyLog.written();
        await log.end();
        await log.close();
        await log.wish(13, 13);
        const mortal = dyingAt(log, nth, fate);
        await log.carryOut(mortal.store, mortal.objects).catch(() => {});
        // Whatever is half done, nobody reads it, and the work index has it until it is whole.
        expect(JSON.stringify(await log.read())).not.toContain(SECRET);
        expect(nextLookAt(await log.record())).toBeDefined();
        log.store.clock.advance(PURGE_AGAIN_MS);
        await log.carryOut();
        log.store.clock.advance(PURGE_AGAIN_MS);
        await log.carryOut();
        await expectClean(log);
        expect(nextLookAt(await log.record())).toBeUndefined();
        if (!mortal.died()) break;
      }
    },
  );
});

describe('a log that is large for the relay', () => {
  const most = { lines: 20, bytes: 1_000_000 };

  test('gets its end at once and its archive by the sweep', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close(log.store, log.bucket.objects, most);
    expect((await log.read()).end?.lines).toBe(30);
    expect(await log.keys()).toEqual([]);
    expect(nextLookAt(await log.record())).toBeLessThanOrEqual(log.store.clock.now() + SWEEP_GRACE_MS);
    await log.close(log.store, log.bucket.objects, { lines: 30, bytes: 1_000_000 });
    expect(await log.keys()).toHaveLength(2);
  });

  test('is purged by the sweep, also where its size is forgotten', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close();
    await log.wish(13, 13);
    await log.carryOut(log.store, log.bucket.objects, most);
    log.store.clock.advance(60_000);
    expect(await log.everything()).toContain(SECRET);
    expect(nextLookAt(await log.record())).toBeLessThan(log.store.clock.now());
    for (const chunk of await allChunks(log.store, log.id)) await expire(log, chunk.chunk);
    await log.carryOut(log.store, log.bucket.objects, { lines: 30, bytes: 1_000_000 });
    expect(await log.everything()).toContain(SECRET);
    await log.carryOut();
    await expectClean(log);
  });
});

async function expire(log: LeakyLog, chunk: number): Promise<void> {
  const { pk, sk } = logChunkKey(log.id, chunk);
  const Key = { pk: { S: pk }, sk: { S: sk } };
  await log.store.client.send(new DeleteItemCommand({ TableName: log.store.liveTable, Key }));
}

describe('a reader', () => {
  test('whose record is from before a purge reads the archive that stands now, also in the middle of another', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close();
    log.store.clock.advance(31 * 86_400_000);
    const before = await log.record();
    let isPurged = false;
    const purge = async () => {
      if (isPurged) return;
      isPurged = true;
      await log.wish(13, 13);
      await log.carryOut();
    };
    const { objects } = log.bucket;
    const purgedWhile = (part: RegExp): ArchiveObjects => ({
      ...objects,
      read: async (key, range) => {
        if (part.test(key)) await purge();
        return objects.read(key, range);
      },
    });
    for (const part of [/\.ndjson\.gz$/, /\.index\.json$/]) {
      const source = logSource(log.store, async () => purgedWhile(part), loggedDeployment(before));
      const read = await readLines(log.store, log.id, { place: { after: 0 }, limit: 1000 }, source);
      expect(read.end?.lines).toBe(30);
      expect(read.lines[12]?.message).toBe('[purged]');
    }
  });

  test('of a closed log whose end has expired before its gate reads all of it in the archive', async () => {
    const log = await LeakyLog.written({ gateFirst: true });
    await log.end();
    await log.close();
    for (const chunk of (await allChunks(log.store, log.id)).slice(1)) await expire(log, chunk.chunk);
    const places = [{ after: 0 }, { after: 1 }, { tail: true }, { before: 3 }] as const;
    for (const place of places) {
      const source = logSource(
        log.store,
        async () => log.bucket.objects,
        loggedDeployment(await log.record()),
      );
      const read = await readLines(log.store, log.id, { place, limit: 1000 }, source);
      expect(read.end?.lines).toBe(31);
      expect(read.lines.at(-1)?.n).toBe('before' in place ? 2 : 31);
    }
  });
});

describe('an archiver', () => {
  test('that began before the purge and ends after it archives anew', async () => {
    const log = await LeakyLog.written();
    await log.end();
    let wished = false;
    const { objects } = log.bucket;
    await log.close(log.store, {
      ...objects,
      write: async (...args) => {
        await objects.write(...args);
        if (wished) return;
        wished = true;
        await log.wish(13, 13);
        await log.carryOut();
      },
    });
    expect((await log.record()).archive).toBe(1);
    await expectClean(log);
  });

  test('that was overtaken and writes the lines as it had read them is cleared away after its longest life', async () => {
    const log = await LeakyLog.written();
    await log.end();
    await log.close();
    await log.wish(13, 13);
    // It reads the chunks now and dies after its put.
    await archiveLog(log.store, log.bucket.objects, log.id);
    const late = await log.bucket.objects.read(`logs/${log.id}.ndjson.gz`);
    await log.carryOut();
    await log.bucket.put(`logs/${log.id}.ndjson.gz`, late ?? '');
    // Nobody is sent to what it wrote.
    expect(JSON.stringify(await log.read())).not.toContain(SECRET);
    expect(nextLookAt(await log.record())).toBe(log.store.clock.now() + PURGE_AGAIN_MS);
    log.store.clock.advance(PURGE_AGAIN_MS);
    await log.carryOut();
    await expectClean(log);
    expect(nextLookAt(await log.record())).toBeUndefined();
  });

  test('ends a log once, also where it was ended before', async () => {
    const log = await LeakyLog.written();
    await log.end();
    const end = await endLog(log.store, log.id);
    await log.close();
    await log.close();
    expect((await log.read()).end).toEqual(end);
  });
});
