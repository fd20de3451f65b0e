import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../shared/platform/clock.ts';

/** At least this long between two looks at the disk; a walk that takes long is made less often. */
const LOOK_MS = 3_000;
const WALK_SHARE = 20;
/** Blocks as stat counts them. */
const BLOCK_BYTES = 512;
/** How many files are looked at before other work gets its turn. */
const BREATH = 2_000;

/** Watches what a folder takes up until the signal fires; calls `onFull` once it is more than `maxBytes`. */
export async function watchDisk(
  folder: string,
  maxBytes: number,
  clock: Clock,
  signal: AbortSignal,
  onFull: () => void,
): Promise<void> {
  while (!signal.aborted) {
    const startedAt = clock.now();
    const bytes = await usedBytes(folder, signal);
    if (signal.aborted) return;
    if (bytes > maxBytes) {
      onFull();
      return;
    }
    const took = clock.now() - startedAt;
    await clock.sleep(Math.max(LOOK_MS, took * WALK_SHARE), signal).catch(() => {});
  }
}

/** Bytes on disk below a folder; sparse files count what they take, links count nothing. */
export async function usedBytes(folder: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  let seen = 0;
  const pending = [folder];
  for (let path = pending.pop(); path !== undefined && !signal.aborted; path = pending.pop()) {
    for (const name of namesIn(path)) {
      const child = join(path, name);
      const stat = lstatSync(child, { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) pending.push(child);
      else bytes += (stat?.blocks ?? 0) * BLOCK_BYTES;
      seen += 1;
      if (seen % BREATH === 0) await new Promise(setImmediate);
    }
  }
  return bytes;
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // Removed meanwhile, or closed to everybody by the build.
    return [];
  }
}
