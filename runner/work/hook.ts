import { realpathSync } from 'node:fs';
import type { HookJob } from '../../shared/contracts/jobs.ts';
import type { Random } from '../../shared/platform/random.ts';
import type { Outcome } from '../protocol/poster.ts';
import type { WorkContext } from './context.ts';
import { downloadArtifact } from './download.ts';
import { hookEnvironment } from './environment.ts';
import { runHooks } from './hooks.ts';
import { unpack } from './unpack.ts';
import { giveTo } from './workspace.ts';

/**
 * Commands of hooks beside a build: in a folder of their own that holds the artifact.
 * @throws StageFailed; JobStopped where the job was ended
 */
export async function runHookJob(context: WorkContext, job: HookJob, random: Random): Promise<Outcome> {
  const { settings, workspace, clock, log, signal } = context;
  const startedAt = clock.now();
  const { url, digest, size } = job.artifact;
  await downloadArtifact({ url, digest, size, file: workspace.artifact, signal, clock, random });
  const files = await unpack(workspace.artifact, workspace.repository, signal);
  log.info(`The artifact (sha256 ${digest}) is unpacked: ${files} files`);
  if (settings.buildUser !== undefined) await giveTo(settings.buildUser, workspace);
  const env = hookEnvironment(job, settings, workspace);
  await runHooks(context, job.hooks, { phase: job.phase, cwd: realpathSync(workspace.repository), env });
  return { outcome: 'hooked', seconds: (clock.now() - startedAt) / 1000 };
}
