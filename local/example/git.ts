import { StartFailure } from '../failure.ts';
import { outputOf } from '../supervise/output.ts';

/** The person's own git configuration (signing, hooks, templates) has no part in the example's repository. */
const NEUTRAL = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Slipway',
  GIT_AUTHOR_EMAIL: 'slipway@localhost',
  GIT_COMMITTER_NAME: 'Slipway',
  GIT_COMMITTER_EMAIL: 'slipway@localhost',
} as const;

/** Runs git in a folder and gives back what it printed; throws a StartFailure with git's last line. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await outputOf('git', args, {
    cwd: folder,
    env: NEUTRAL,
    timeoutMs: 30_000,
  });
  if (code === 0) return stdout.trim();
  const reason = stderr.trim().split('\n').at(-1) || 'no reason given';
  throw new StartFailure(`git ${args[0]} failed in ${folder}: ${reason}`);
}

/** One sentence where git is missing: runners clone with it, so nothing works without. */
export async function demandGit(): Promise<void> {
  const { code } = await outputOf('git', ['--version'], { timeoutMs: 10_000 });
  if (code !== 0)
    throw new StartFailure(
      'git was not found, and runners clone with it; install it and run npm start again.',
    );
}
