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

/** What belongs to a job: its process group, whatever carries its mark, and whatever its build user began since. */
export interface JobProcesses {
  /** Id of the job, as in JOB_MARK. */
  readonly mark: string;
  /** Leader of the process group of the running command. */
  readonly group?: number | undefined;
  /** Where builds run as a user of their own, a process cannot hide by leaving group and mark behind. */
  readonly ofUser?: UserProcesses | undefined;
}

/** The processes of a user, apart from those that were there before. */
export interface UserProcesses {
  readonly uid: number;
  /** Only those of this group, where other programs run as the user too. */
  readonly gid?: number | undefined;
  readonly before: ReadonlySet<string>;
}

/** Looks at what runs as this user now; later processes are found by what this returns. */
export function processesSince({ uid, gid, shared }: ProcessOwner): UserProcesses {
  const owner = { uid, ...(shared === true ? { gid } : {}) };
  return { ...owner, before: new Set(allProcesses().filter(runsAs(owner)).map(nameOf)) };
}

interface ProcessOwner {
  readonly uid: number;
  readonly gid: number;
  readonly shared?: boolean;
}

/** Living processes of a job. Zombies do not count: nothing more can come from them. */
export function findProcesses(job: JobProcesses): ProcessFacts[] {
  const wanted = `\0${JOB_MARK}=${job.mark}\0`;
  const { ofUser } = job;
  const isUsers = ofUser === undefined ? () => false : runsAs(ofUser);
  const belongs = (process: ProcessFacts) =>
    process.group === job.group ||
    carries(process.pid, wanted) ||
    (isUsers(process) && !ofUser?.before.has(nameOf(process)));
  return allProcesses().filter((process) => !process.dead && belongs(process));
}

const nameOf = ({ pid, startedAt }: ProcessFacts) => `${pid} ${startedAt}`;

/** By the real ids: the owner of /proc/<pid> is root's for programs that may not be looked into. */
const runsAs = ({ uid, gid }: Pick<UserProcesses, 'uid' | 'gid'>) => {
  const user = new RegExp(`^Uid:\\t${uid}\\t`, 'm');
  const group = gid === undefined ? /^/ : ofGroup(gid);
  return ({ pid }: ProcessFacts): boolean => {
    const status = statusOf(pid);
    return user.test(status) && group.test(status);
  };
};

const ofGroup = (gid: number) => new RegExp(`^Gid:\\t${gid}\\t`, 'm');

/** Whether anything runs with this group as its own. */
export function isGroupInUse(gid: number): boolean {
  const group = ofGroup(gid);
  return allProcesses().some(({ pid }) => group.test(statusOf(pid)));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
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
