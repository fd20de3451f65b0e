import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keptStack } from '../cloud/stack.ts';
import type { Play, Played } from './play.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Plays deployments on the cloud in memory, in a process of its own. */
export function played(plays: readonly Play[]): Played[] {
  const play = [path('./play.ts'), keptStack(), JSON.stringify(plays)];
  const args = ['--import', path('../cloud/replace.ts'), ...play];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The play has failed: ${stderr}`);
  // What that file prints.
  return JSON.parse(stdout) as Played[];
}
