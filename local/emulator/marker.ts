import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersOf } from './settings.ts';

/**
 * The emulator writes its state only when it is stopped cleanly. This file, beside the state, says whether that
 * happened: it is written at the start and rewritten after the stop.
 */
interface Marker {
  readonly pid: number;
  readonly port: number;
  /** Removed at the next start where this run couldn't. */
  readonly scratch: string;
  /** ISO times. */
  readonly startedAt: string;
  readonly stoppedAt?: string;
}

/** What a run that was not stopped cleanly took with it. */
export interface LostState {
  /** When the run that was lost had begun (ISO time). */
  readonly since: string;
  /** Whether the state of an earlier clean stop is there to go on from. */
  readonly earlierStateKept: boolean;
}

function fileOf(dir: string): string {
  return join(dir, 'emulator.json');
}

export async function readMarker(dir: string): Promise<Marker | undefined> {
  const text = await readFile(fileOf(dir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    // Only this file writes it; a torn write counts as none.
    return JSON.parse(text) as Marker;
  } catch {
    return undefined;
  }
}

export async function markStarted(dir: string, run: Omit<Marker, 'stoppedAt'>): Promise<void> {
  await writeFile(fileOf(dir), JSON.stringify(run satisfies Marker));
}

export async function markStopped(dir: string, stoppedAt: string): Promise<void> {
  const marker = await readMarker(dir);
  if (marker !== undefined)
    await writeFile(fileOf(dir), JSON.stringify({ ...marker, stoppedAt } satisfies Marker));
}

/**
 * Whether the last run ended without writing its state. The proof of a clean stop is the state itself being
 * newer than the run's start: the process that should have rewritten the marker may have died while the
 * watchdog still stopped the emulator well.
 */
export async function findLoss(dir: string): Promise<LostState | undefined> {
  const marker = await readMarker(dir);
  if (marker === undefined || marker.stoppedAt !== undefined) return undefined;
  const written = await writtenAt(dir);
  if (written !== undefined && written > Date.parse(marker.startedAt)) return undefined;
  return { since: marker.startedAt, earlierStateKept: written !== undefined };
}

/** When a stop last wrote state; of the files that every stop writes, the scheduler's comes after the tables'. */
async function writtenAt(dir: string): Promise<number | undefined> {
  return stat(join(foldersOf(dir).state, 'scheduler.json')).then(
    (file) => file.mtimeMs,
    () => undefined,
  );
}
