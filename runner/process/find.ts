import { readdirSync, readFileSync } from 'node:fs';

/** Environment variable that every process of a job inherits; children that left the group are found by it. */
export const JOB_MARK = 'SLIPWAY_JOB_ID';

/** A process as /proc shows it. `startedAt` counts clock ticks since boot; with the id it names one process. */
export interface ProcessFacts {
  readonly pid: number;
  readonly group: number;
  readonly startedAt: string;
  readonly dead: boolean;
}

/** Undefined where there is no such process, or no /proc (macOS). */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold anything, spaces and brackets included.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', , group = ''] = fields;
    return {
      pid,
      group: Number(group),
      startedAt: fields[19] ?? '',
      dead: state === 'Z' || state === 'X',
    };
  } catch {
    return undefined;
  }
}

/** What belongs to a job: its process group, and whatever carries its mark. */
export interface JobProcesses {
  /** Id of the job, as in JOB_MARK. */
  readonly mark: string;
  /** Leader of the process group of the running command. */
  readonly group?: number | undefined;
}

/** Living processes of a job. Zombies do not count: nothing more can come from them. */
export function findProcesses(job: JobProcesses): ProcessFacts[] {
  const wanted = `\0${JOB_MARK}=${job.mark}\0`;
  return allProcesses().filter(
    (process) => !process.dead && (process.group === job.group || carries(process.pid, wanted)),
  );
}

function allProcesses(): ProcessFacts[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => processFacts(Number(name)))
      .filter((facts): facts is ProcessFacts => facts !== undefined && facts.pid !== process.pid);
  } catch {
    return [];
  }
}

function carries(pid: number, wanted: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(wanted);
  } catch {
    // Another user's process, or gone.
    return false;
  }
}
