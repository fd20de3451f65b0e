import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Journal } from './journal.ts';
import type { ProcessFacts } from './process/find.ts';
import type { PostedJob } from './protocol/link.ts';

/** What a restarted runner must know of a job that the one before it left behind. */
const leftover = z.object({
  base: z.string(),
  jobKey: z.string(),
  jobId: z.string(),
  jobToken: z.string(),
  beatEverySeconds: z.number(),
  unansweredLimitSeconds: z.number(),
  /** Leader of the running command's process group, with the start time that tells it from a later process. */
  group: z.optional(z.object({ pid: z.number(), startedAt: z.string() })),
});
export type Leftover = z.infer<typeof leftover>;

/** A job's entry on disk, there from its claim to its end. */
export interface JobRecord {
  setGroup(leader: ProcessFacts | undefined): void;
  close(): void;
}

/** A record that cannot be written (a full disk) costs what a restart would do with it, not the job. */
export function openRecord(
  workDir: string,
  job: PostedJob & { readonly jobId: string; readonly base: string },
  journal: Journal,
): JobRecord {
  const folder = recordFolder(workDir);
  const file = join(folder, `${job.jobId}.json`);
  const { base, jobKey, jobId, jobToken, beatEverySeconds, unansweredLimitSeconds } = job;
  const entry = { base, jobKey, jobId, jobToken, beatEverySeconds, unansweredLimitSeconds };
  const write = (content: Leftover) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      journal.warn('the record of a job could not be written', { job: jobKey, reason: String(error) });
    }
  };
  write(entry);
  return {
    setGroup(leader) {
      const group = leader && { pid: leader.pid, startedAt: leader.startedAt };
      write(group === undefined ? entry : { ...entry, group });
    },
    close: () => rmSync(file, { force: true }),
  };
}

/** Entries that an earlier runner did not close. One that cannot be read is removed: nothing can be done for it. */
export function takeLeftovers(workDir: string): Leftover[] {
  const folder = recordFolder(workDir);
  const found: Leftover[] = [];
  for (const name of namesIn(folder)) {
    const parsed = leftover.safeParse(read(join(folder, name)));
    if (parsed.success) found.push(parsed.data);
    else rmSync(join(folder, name), { force: true });
  }
  return found;
}

export function dropLeftover(workDir: string, jobId: string): void {
  rmSync(join(recordFolder(workDir), `${jobId}.json`), { force: true });
}

function recordFolder(workDir: string): string {
  return join(workDir, 'running');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
