/** Longest path inside an artifact, in bytes: what fits a key of the store together with its prefix. */
const MAX_PATH_BYTES = 900;

/** Why a path may not stand in an artifact; undefined where it may. */
export function pathProblem(path: string): string | undefined {
  if (path === '' || path === '/') return 'has no name';
  if (/[\p{Cc}\p{Cs}]/u.test(path)) return 'holds control characters';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is an absolute path';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
  if (segments.includes('..')) return 'leaves its folder by ..';
  if (segments.some((segment) => segment === '' || segment === '.')) return 'is not in its plain form';
  return undefined;
}

/** Two paths that some file system takes for one: letters' case and composition do not count. */
const folded = (path: string) => path.normalize('NFC').toLowerCase().normalize('NFC');

/** Collects the paths of an archive and tells of one that collides with an earlier one. */
export class PathSet {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** @param path one that pathProblem passed; a trailing slash makes it a folder. */
  add(path: string): string | undefined {
    const isFolder = path.endsWith('/');
    const segments = folded(isFolder ? path.slice(0, -1) : path).split('/');
    const name = segments.join('/');
    for (let depth = 1; depth < segments.length; depth += 1) {
      const parent = segments.slice(0, depth).join('/');
      if (this.#files.has(parent)) return 'lies in what is a file elsewhere in the archive';
      this.#folders.add(parent);
    }
    if (isFolder) {
      this.#folders.add(name);
      return this.#files.has(name) ? 'is a file elsewhere in the archive' : undefined;
    }
    if (this.#folders.has(name)) return 'is a folder elsewhere in the archive';
    if (this.#files.has(name)) return 'is there twice (letters’ case does not count)';
    this.#files.add(name);
    return undefined;
  }
}
