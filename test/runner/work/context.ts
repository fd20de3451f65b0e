import { ulid } from 'ulid';
import { createJobLog } from '../../../runner/log.ts';
import { Poster } from '../../../runner/protocol/poster.ts';
import type { RunnerSettings } from '../../../runner/settings.ts';
import type { WorkContext } from '../../../runner/work/context.ts';
import { createWorkspace } from '../../../runner/work/workspace.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { startFakeService } from '../../support/fake-service.ts';
import { buildJob, settings as defaultSettings } from '../fixtures.ts';

/** What a part of a job gets to work with, and the lines it logged. */
export interface TestWork extends AsyncDisposable {
  readonly context: WorkContext;
  messages(): Promise<string[]>;
}

export async function startWork(settings: RunnerSettings = defaultSettings()): Promise<TestWork> {
  const service = await startFakeService();
  const nowhere = { folder: '', url: 'file:///none', commit: () => '', git: () => 'a'.repeat(40) };
  const job = buildJob(nowhere);
  service.offer(job);
  const base = `${service.url}/v1`;
  const poster = new Poster({ base, job, clock: systemClock, random: systemRandom });
  const log = createJobLog({
    poster,
    masked: [],
    clock: systemClock,
    outputBytes: 1_000_000,
    firstStep: 'clone',
  });
  const jobId = `job_${ulid()}`;
  return {
    context: {
      jobId,
      base,
      workspace: createWorkspace(jobId, settings),
      settings,
      log,
      signal: new AbortController().signal,
      clock: systemClock,
      onGroup: () => {},
    },
    async messages() {
      await poster.finish({ outcome: 'canceled' });
      return service.trace(job.jobKey).lines.map((line) => line.message);
    },
    async [Symbol.asyncDispose]() {
      await poster.abandon();
      await service[Symbol.asyncDispose]();
    },
  };
}
