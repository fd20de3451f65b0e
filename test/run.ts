/**
 * `npm test`: makes sure that what the tests need from the system is there, then runs all of them.
 * On Debian as root it installs what is missing; elsewhere it says which one command to run, and fails.
 */
import { spawnSync } from 'node:child_process';
import { need, runs, wish } from './needs.ts';

need('The tests', [
  { what: 'git', debian: 'git', present: () => runs('git', '--version') },
  {
    what: 'Python 3 with venv',
    debian: 'python3-venv',
    present: () => runs('python3', '-c', 'import venv, ensurepip'),
  },
  { what: 'Chromium', debian: 'chromium', present: () => runs('chromium', '--version') },
]);
// Shells whose completion is tested where they are there; 8 MB of download, and no reason to fail.
wish(
  ['zsh', 'fish'].map((shell) => ({ what: shell, debian: shell, present: () => runs(shell, '-c', 'true') })),
);

const tests = spawnSync('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(tests.status ?? 1);
