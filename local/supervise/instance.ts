import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartFailure } from '../failure.ts';
import { outputOf } from './output.ts';
import { isAlive, isNodeError } from './signals.ts';

/** One npm start per checkout: two would share state, ports and the example. */
export interface Instance {
  /** Lets the next one start. */
  release(): Promise<void>;
}

/**
 * Takes the lock of this checkout, also from a process that died with it. Throws a StartFailure that names the
 * process which has it.
 */
export async function claimInstance(home: string): Promise<Instance> {
  // What the emulator keeps below it, secrets included, it writes for everybody to read.
  await mkdir(home, { recursive: true, mode: 0o700 });
  const lock = join(home, 'npm-start.pid');
  for (;;) {
    if (await create(lock)) return { release: () => rm(lock, { force: true }) };
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (await isNpmStart(holder)) {
      throw new StartFailure(
        `npm start already runs here as process ${holder}; use it, or end it with Ctrl-C or: kill ${holder}`,
      );
    }
    await takeAway(lock, holder);
  }
}

async function create(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (isNodeError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A process id alone may have gone to another program since; its command line tells. */
async function isNpmStart(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  const { stdout } = await outputOf('ps', ['-p', String(pid), '-o', 'command='], { timeoutMs: 5_000 });
  return stdout.includes(join('local', 'main.ts'));
}

/** Moves a dead holder's lock away; where another start was faster, what was moved is its lock and goes back. */
async function takeAway(lock: string, holder: number): Promise<void> {
  const aside = `${lock}.${process.pid}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  const moved = Number(await readFile(aside, 'utf8'));
  if (moved === holder || Number.isNaN(moved)) await rm(aside, { force: true });
  else await rename(aside, lock);
}
