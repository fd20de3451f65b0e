import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Something of the system that is not in node_modules. */
export interface Need {
  readonly what: string;
  readonly debian: string;
  present(): boolean;
}

export const runs = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/**
 * Makes sure that these are there. On Debian as root it installs what is missing; elsewhere it says which one command to
 * run, and ends the process with 1.
 *
 * @param whose who needs them, at the beginning of a sentence
 */
export function need(whose: string, needs: readonly Need[]): void {
  const missing = needs.filter(({ present }) => !present());
  if (missing.length === 0) return;
  const command = commandFor(missing);
  if (!isDebianRoot()) {
    console.error(
      `${whose} need ${missing.map(({ what }) => what).join(', ')}. Run this once, then try again:\n  sudo sh -c '${command}'`,
    );
    process.exit(1);
  }
  if (!aptGet(command)) {
    console.error(`"${command}" failed; see apt-get's messages above.`);
    process.exit(1);
  }
}

/** Installs what is missing of these where that goes by itself; else does without. */
export function wish(wishes: readonly Need[]): void {
  const missing = wishes.filter(({ present }) => !present());
  if (missing.length > 0 && isDebianRoot()) aptGet(commandFor(missing));
}

function commandFor(needs: readonly Need[]): string {
  const packages = needs.map(({ debian }) => debian).join(' ');
  return `apt-get update && apt-get install -y --no-install-recommends ${packages}`;
}

const isDebianRoot = () => existsSync('/etc/debian_version') && process.getuid?.() === 0;

function aptGet(command: string): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('sh', ['-c', command], { stdio: 'inherit', env }).status === 0;
}
