import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runOnce } from '../../runner/once.ts';
import type { BuildJob } from '../../shared/contracts/jobs.ts';
import { startFakeService } from '../support/fake-service.ts';
import { buildJob, createRepository, npmProject, settings, testJournal } from './fixtures.ts';
import { unzip } from './unzip.ts';

async function run(
  files: Record<string, string>,
  change: (job: BuildJob) => Partial<BuildJob> = () => ({}),
  runner = settings(),
) {
  await using service = await startFakeService();
  const repository = createRepository(files);
  const plain = buildJob(service, repository);
  const job = { ...plain, ...change(plain) };
  service.offer(job);
  const { journal, lines: journalLines } = testJournal();
  const outcome = await runOnce({
    url: service.url,
    jobKey: job.jobKey,
    ticket: `ticket-of-${job.jobKey}`,
    settings: runner,
    journal,
  });
  const trace = service.trace(job.jobKey);
  const messages = trace.lines.map((line) => line.message);
  return { outcome, trace, messages, job, repository, journalLines, complaints: service.complaints, runner };
}

test('a project with a lock file and a build script is cloned, installed, built and uploaded', async () => {
  const done = await run(npmProject('mkdir dist && echo "<h1>hello</h1>" > dist/index.html'));
  expect(done.complaints).toEqual([]);
  expect(done.outcome).toBe('told');
  expect(done.trace.steps).toEqual(['clone', 'install', 'build', 'upload']);
  expect(done.messages).toContain('$ npm ci');
  const { result, uploaded = Buffer.alloc(0) } = done.trace;
  expect(result).toMatchObject({
    outcome: 'built',
    commit: { sha: done.job.commit, message: 'First page', author: 'Ada' },
    artifact: {
      files: 1,
      size: uploaded.length,
      digest: createHash('sha256').update(uploaded).digest('hex'),
    },
  });
  expect(await unzip(uploaded)).toEqual({ 'index.html': '<h1>hello</h1>\n' });
  expect(done.trace.uploadHeaders).toMatchObject({ 'content-type': 'application/zip' });
  expect(readdirSync(join(done.runner.workDir, 'jobs'))).toEqual([]);
});
