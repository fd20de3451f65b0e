import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunnerSettings } from '../settings.ts';

/**
 * The folder for the downloads of a project's builds, and of no other's: a build may write there what it likes, and
 * npm believes its cache which version of a package is the newest, package managers and Node among them. Where
 * builds run as a user of their own, the folders of the other projects are closed to it, except of those that are building
 * at this moment.
 * @param busy names of projects that build at the same time
 */
export function openCache(
  project: string,
  { cacheDir, buildUser }: Pick<RunnerSettings, 'cacheDir' | 'buildUser'>,
  busy: ReadonlySet<string> = new Set(),
): string | undefined {
  if (cacheDir === undefined) return undefined;
  const all = join(cacheDir, 'npm');
  const own = join(all, segment(project));
  mkdirSync(own, { recursive: true, mode: 0o711 });
  if (buildUser === undefined) return own;
  const inUse = new Set([...busy].map(segment));
  for (const name of readdirSync(all)) if (!inUse.has(name)) give(join(all, name), { uid: 0, gid: 0 });
  give(own, buildUser);
  return own;
}

function give(folder: string, owner: { readonly uid: number; readonly gid: number }): void {
  chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
}

/** One segment of a path, whatever the name holds. */
const segment = (project: string) => encodeURIComponent(project).replaceAll('.', '%2E');
