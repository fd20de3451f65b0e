import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { LeavesFolder, resolveInside } from './inside.ts';

/** A file of the artifact. */
export interface OutputFile {
  /** Path in the zip, with slashes. */
  readonly path: string;
  /** Where its bytes are; links are followed already. */
  readonly source: string;
  readonly size: number;
  readonly executable: boolean;
}

/** Never part of an artifact, wherever it stands. */
const LEFT_OUT = new Set(['.git']);
/** Control characters, backslashes, and what is left of names that are not UTF-8. */
const UNUSABLE_NAME = /[\p{Cc}\\\uFFFD]/u;

/**
 * The files below a folder, sorted by path. Links that stay inside count as what they point to.
 * @throws StageFailed (INVALID_CONFIG) for links that leave, special files, unusable names, too many files
 */
export function listOutput(folder: string, maxFiles: number): OutputFile[] {
  const files: OutputFile[] = [];
  walk('', []);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));

  function walk(path: string, parents: readonly string[]): void {
    const real = follow(folder, path);
    // A link to a folder above would go round for ever.
    if (parents.includes(real)) return;
    for (const name of readdirSync(real)) {
      if (!LEFT_OUT.has(name)) visit(path === '' ? name : `${path}/${name}`, [...parents, real]);
    }
  }

  function visit(path: string, parents: readonly string[]): void {
    if (UNUSABLE_NAME.test(path)) throw refused(path, 'has a name that cannot stand in an address');
    const source = follow(folder, path);
    const stat = statSync(source, { throwIfNoEntry: false });
    if (stat === undefined) throw refused(path, 'is a symbolic link to nothing');
    if (stat.isDirectory()) {
      walk(path, parents);
      return;
    }
    if (!stat.isFile()) throw refused(path, 'is neither a file nor a folder');
    if (files.length === maxFiles) throw tooMany(maxFiles);
    files.push({ path, source, size: stat.size, executable: (stat.mode & 0o100) !== 0 });
  }
}

function follow(folder: string, path: string): string {
  try {
    return resolveInside(folder, path);
  } catch (cause) {
    if (cause instanceof LeavesFolder)
      throw refused(path, 'is a symbolic link that leaves the output folder');
    throw cause;
  }
}

function refused(path: string, what: string): StageFailed {
  return new StageFailed('INVALID_CONFIG', `${join('.', path)} in the output folder ${what}.`, {
    suggestion: 'Let the build write plain files, or name another output directory.',
  });
}

function tooMany(maxFiles: number): StageFailed {
  return new StageFailed('INVALID_CONFIG', `The output folder holds more than ${maxFiles} files.`, {
    suggestion: 'Name a narrower output directory, or leave source maps and caches out of the build.',
  });
}
