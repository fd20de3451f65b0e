import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What isn't made of projects, deployments and releases: the installed emulator, and which ports are ours. */
const KEPT = new Set(['venv', 'ports.json', 'npm-start.pid']);

/** Removes what earlier runs left, so that everything begins anew (`--fresh`). */
export async function forgetEverything(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!KEPT.has(name)) await rm(join(home, name), { recursive: true, force: true });
  }
}
