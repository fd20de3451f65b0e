import { join } from 'node:path';
import { stopFailure } from './failure.ts';
import type { JobRun } from './job.ts';
import { processFacts } from './process/find.ts';
import { killProcesses } from './process/kill.ts';
import { reportLost } from './protocol/report-lost.ts';
import { dropLeftover, type Leftover, takeLeftovers } from './records.ts';
import { removeWorkspace } from './work/workspace.ts';

/**
 * Ends what a runner that died left behind on this machine, and tells the service which jobs are lost, so
 * that nobody has to wait for their heartbeat. Called before the first claim.
 */
export async function recoverLeftovers(run: JobRun): Promise<void> {
  const { workDir } = run.settings;
  await Promise.all(
    takeLeftovers(workDir).map(async (leftover) => {
      await killLeftover(leftover, run);
      const told = await reportLost({
        leftover,
        failure: stopFailure('restart', 0),
        random: run.random,
        clock: run.clock,
      });
      run.journal.warn('job of an earlier runner ended', { job: leftover.jobKey, told });
      dropLeftover(workDir, leftover.jobId);
    }),
  );
  await removeWorkspace(join(workDir, 'jobs'));
}

/** By its group where the leader is still the same process, and by the mark that its children carry. */
async function killLeftover({ jobId, group }: Leftover, run: JobRun): Promise<void> {
  const same = group !== undefined && processFacts(group.pid)?.startedAt === group.startedAt;
  await killProcesses({ mark: jobId, group: same ? group.pid : undefined }, run.clock);
}
