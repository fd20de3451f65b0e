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

/** Shells whose completion is tested where they are there; 8 MB of download, and no reason to fail. */
const WISHES: readonly Need[] = ['zsh', 'fish'].map((shell) => ({
  what: shell,
  debian: shell,
  present: () => runs(shell, '-c', 'true'),
}));

const missing = NEEDS.filter((need) => !need.present());
const wished = WISHES.filter((need) => !need.present());
if (missing.length > 0) install(missing);
if (wished.length > 0 && isDebianRoot()) aptGet(commandFor(wished));

const tests = spawnSync('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(tests.status ?? 1);

function install(needs: readonly Need[]): void {
  const command = commandFor(needs);
  if (!isDebianRoot()) {
    console.error(
      `The tests need ${needs.map((need) => need.what).join(', ')}. Run this once, then try again:\n  sudo sh -c '${command}'`,
    );
    process.exit(1);
  }
  if (!aptGet(command)) {
    console.error(`"${command}" failed; see apt-get's messages above.`);
    process.exit(1);
  }
}

function commandFor(needs: readonly Need[]): string {
  const packages = needs.map((need) => need.debian).join(' ');
  return `apt-get update && apt-get install -y --no-install-recommends ${packages}`;
}

function isDebianRoot(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

function aptGet(command: string): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('sh', ['-c', command], { stdio: 'inherit', env }).status === 0;
}
