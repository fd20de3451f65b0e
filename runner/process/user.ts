import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { isGroupInUse } from './find.ts';

const run = promisify(execFile);
const LOOKUP_TIMEOUT_MS = 5_000;

/** The user that install and build commands run as. */
export interface BuildUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /**
   * Other programs of the machine may run as this user too, so what it runs is not ours by that alone: each job
   * gets a group of its own (see userOfJob).
   */
  readonly shared?: boolean;
}

/** Groups that nobody has: the ranges of distributions, systemd and containers leave these free. */
const FREE_GROUPS = { first: 60_578, count: 606 };

/**
 * The user with a group for this one job, by which all that it runs is found: a process without rights cannot
 * leave its group. Jobs of different groups cannot look into each other's processes either.
 */
export function userOfJob(user: BuildUser, jobId: string): BuildUser {
  if (user.shared !== true) return user;
  const { first, count } = FREE_GROUPS;
  const start = createHash('sha256').update(jobId).digest().readUInt16BE(0);
  for (let step = 0; step < count; step += 1) {
    const gid = first + ((start + step) % count);
    if (!isGroupInUse(gid)) return { ...user, gid };
  }
  return user;
}

/**
 * Looks a user up by name, through the machine's own `id`, so that every directory service works.
 * @throws StageFailed (INVALID_CONFIG) where there is no such user
 */
export async function findBuildUser(name: string): Promise<BuildUser> {
  try {
    const id = async (flag: string) => {
      const { stdout } = await run('id', [flag, '--', name], { timeout: LOOKUP_TIMEOUT_MS });
      return Number.parseInt(stdout, 10);
    };
    return { name, uid: await id('-u'), gid: await id('-g') };
  } catch (cause) {
    throw new StageFailed('INVALID_CONFIG', `This machine has no user "${name}" to run builds as.`, {
      cause,
      suggestion: 'Create the user or correct --build-user.',
    });
  }
}
