import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StageFailed } from '../../shared/errors/deployments.ts';

const run = promisify(execFile);
const LOOKUP_TIMEOUT_MS = 5_000;

/** The user that install and build commands run as. */
export interface BuildUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
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
