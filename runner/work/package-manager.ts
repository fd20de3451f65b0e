import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { PackageJson } from './package-json.ts';

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** The program that installs a project's dependencies, and how. */
export interface PackageManager {
  readonly name: ManagerName;
  /** Lock file that says so; undefined where there is none. */
  readonly lockFile: string | undefined;
  /** Exactly what the lock file says, or a failure. */
  readonly installCommand: string;
  readonly buildCommand: string;
  /** What to fetch where the machine has no such program, or another version than the project names. */
  readonly provide: { readonly package: string; readonly version: string } | undefined;
  /** Whatever version the machine has will do: the project names none, and all of them read its lock file. */
  readonly anyVersion: boolean;
}

const LOCK_FILES: readonly (readonly [file: string, manager: ManagerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['npm-shrinkwrap.json', 'npm'],
  ['package-lock.json', 'npm'],
];

/** Newest major that reads the lock file, where the project does not name a version. */
const PNPM_BY_LOCK: Readonly<Record<string, string>> = { '5': '7', '6': '8', '9': '10' };
const CLASSIC_YARN = '1';
/** By the `version` in `__metadata:`; a newer Yarn refuses to leave an older lock file as it is. */
const YARN_BY_LOCK: Readonly<Record<string, string>> = { '4': '2', '5': '3.0', '6': '3', '8': '4.9' };
const NEWEST_YARN = '4';
const BUN = '1';
const versionForm = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/**
 * The folder whose lock file counts for a project: its own, or in a repository of many packages the nearest
 * one above that has one. Both are real paths, the project's inside the repository's.
 */
export function findLockFolder(repository: string, project: string): string {
  for (let folder = project; folder.length >= repository.length; folder = dirname(folder)) {
    if (LOCK_FILES.some(([file]) => existsSync(join(folder, file)))) return folder;
  }
  return project;
}

/**
 * Decides by the lock file; the `packageManager` field decides the version, and the manager where there is
 * no lock file or more than one.
 * @throws StageFailed (INVALID_CONFIG) for several lock files and nothing that chooses
 */
export function detectPackageManager(folder: string, description: PackageJson): PackageManager {
  const named = namedManager(description);
  const found = LOCK_FILES.filter(([file]) => existsSync(join(folder, file)));
  const fitting = named === undefined ? found : found.filter(([, manager]) => manager === named.name);
  const managers = new Set(fitting.map(([, manager]) => manager));
  if (managers.size > 1) throw ambiguous(fitting.map(([file]) => file));
  const lockFile = fitting[0]?.[0];
  const name = fitting[0]?.[1] ?? named?.name ?? 'npm';
  return describe(name, lockFile, named?.version, folder);
}

function describe(
  name: ManagerName,
  lockFile: string | undefined,
  version: string | undefined,
  folder: string,
): PackageManager {
  const locked = lockFile !== undefined;
  const base = { name, lockFile, anyVersion: false, buildCommand: `${name} run build` };
  const free = version === undefined;
  switch (name) {
    case 'npm':
      return {
        ...base,
        anyVersion: true,
        installCommand: locked ? 'npm ci' : 'npm install',
        provide: undefined,
      };
    case 'pnpm': {
      const provide = { package: 'pnpm', version: version ?? pnpmFor(join(folder, 'pnpm-lock.yaml')) };
      return { ...base, installCommand: frozen('pnpm install', '--frozen-lockfile', locked), provide };
    }
    case 'bun': {
      const provide = { package: 'bun', version: version ?? BUN };
      return {
        ...base,
        anyVersion: free,
        installCommand: frozen('bun install', '--frozen-lockfile', locked),
        provide,
      };
    }
    case 'yarn': {
      const provide = yarnFor(join(folder, 'yarn.lock'), version);
      const classic = provide.package === 'yarn';
      const flag = classic ? '--frozen-lockfile' : '--immutable';
      const installCommand = frozen('yarn install', flag, locked);
      return { ...base, anyVersion: free && classic, installCommand, provide };
    }
  }
}

function frozen(command: string, flag: string, locked: boolean): string {
  return locked ? `${command} ${flag}` : command;
}

function namedManager(
  description: PackageJson,
): { name: ManagerName; version: string | undefined } | undefined {
  const [name = '', rest = ''] = (description.packageManager ?? '').split('@');
  const version = rest.split('+', 1)[0] ?? '';
  const known = (['npm', 'pnpm', 'yarn', 'bun'] as const).find((manager) => manager === name);
  return known && { name: known, version: versionForm.test(version) ? version : undefined };
}

function pnpmFor(lockFile: string): string {
  const major = /^lockfileVersion:\s*'?(\d+)/m.exec(headOf(lockFile))?.[1];
  return PNPM_BY_LOCK[major ?? ''] ?? '10';
}

/** Yarn 2 and later write `__metadata:` into their lock files; the first Yarn does not know that. */
function yarnFor(lockFile: string, version: string | undefined): { package: string; version: string } {
  const lock = /^__metadata:\s+version: (\d+)/m.exec(headOf(lockFile))?.[1];
  const modern = version === undefined ? lock !== undefined : !version.startsWith('1.');
  if (!modern) return { package: 'yarn', version: version ?? CLASSIC_YARN };
  return { package: '@yarnpkg/cli-dist', version: version ?? YARN_BY_LOCK[lock ?? ''] ?? NEWEST_YARN };
}

function headOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, 4096);
  } catch {
    return '';
  }
}

function ambiguous(files: readonly string[]): StageFailed {
  return new StageFailed('INVALID_CONFIG', `The project has several lock files: ${files.join(', ')}.`, {
    suggestion: 'Remove those that are not used, or name one in the packageManager field of package.json.',
  });
}
