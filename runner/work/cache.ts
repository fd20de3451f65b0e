import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunnerSettings } from '../settings.ts';

/**
 * The folder for the downloads of a project's builds, and of no other's: a build may write there what it likes, and
 * npm believes its cache which version of a package is the newest, package managers and Node among them. Where
 * builds run as a user of their own, the folders of the other projects are closed to it.
 */
export function openCache(
  project: string,
  { cacheDir, buildUser }: Pick<RunnerSettings, 'cacheDir' | 'buildUser'>,
): string | undefined {
  if (cacheDir === undefined) return undefined;
  const all = join(cacheDir, 'npm');
  // One segment, whatever the name holds.
  const own = join(all, encodeURIComponent(project).replaceAll('.', '%2E'));
  mkdirSync(own, { recursive: true, mode: 0o711 });
  if (buildUser === undefined) return own;
  for (const name of readdirSync(all)) give(join(all, name), { uid: 0, gid: 0 });
  give(own, buildUser);
  return own;
}

function give(folder: string, owner: { readonly uid: number; readonly gid: number }): void {
  chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
}
