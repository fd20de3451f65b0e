/**
 * `npm test`: makes sure that what the tests need from the system is there, then runs all of them.
 * On Debian as root it installs what is missing; elsewhere it says which one command to run, and fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

interface Need {
  readonly what: string;
  readonly debian: string;
  present(): boolean;
}

const runs = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const NEEDS: readonly Need[] = [
  { what: 'git', debian: 'git', present: () => runs('git', '--version') },
  {
    what: 'Python 3 with venv',
    debian: 'python3-venv',
    present: () => runs('python3', '-c', 'import venv, ensurepip'),
  },
  { what: 'Chromium', debian: 'chromium', present: () => runs('chromium', '--version') },
];

const missing = NEEDS.filter((need) => !need.present());
if (missing.length > 0) install(missing);

const tests = spawnSync('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(tests.status ?? 1);

function install(needs: readonly Need[]): void {
  const packages = needs.map((need) => need.debian);
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (!isDebianRoot) {
    console.error(
      `The tests need ${needs.map((need) => need.what).join(', ')}. Run this once, then try again:\n  sudo sh -c '${command}'`,
    );
    process.exit(1);
  }
  const done = spawnSync('sh', ['-c', command], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.status !== 0) {
    console.error(`Installing ${packages.join(', ')} failed; see apt-get's messages above.`);
    process.exit(1);
  }
}
