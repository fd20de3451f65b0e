import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/** A path that ends, or passes, outside the folder it belongs to. */
export class LeavesFolder extends Error {
  override readonly name = 'LeavesFolder';
}

const MAX_LINKS = 40;

/**
 * Follows a relative path from `root` name by name, links included, and refuses every step out of it, also
 * where a later step would come back or where nothing exists (yet).
 * @returns the real path, which exists only if something is there
 * @throws LeavesFolder
 */
export function resolveInside(root: string, path: string): string {
  if (isAbsolute(path)) throw new LeavesFolder(path);
  const top = realpathSync(root);
  const names = path.split('/');
  let current = top;
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (current === top) throw new LeavesFolder(path);
      current = dirname(current);
      continue;
    }
    const next = join(current, name);
    const target = linkTarget(next);
    if (target === undefined) {
      current = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new LeavesFolder(path);
    if (isAbsolute(target)) {
      const below = relative(top, target);
      if (below === '..' || below.startsWith(`..${sep}`)) throw new LeavesFolder(path);
      current = top;
      names.unshift(...below.split('/'));
    } else {
      names.unshift(...target.split('/'));
    }
  }
  return current;
}

function linkTarget(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
