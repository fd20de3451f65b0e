import { lstatSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StageFailed } from '../shared/errors/deployments.ts';
import { processFacts } from './process/find.ts';

/**
 * Takes a work folder for this process: two agents in one folder would end each other's jobs at their start.
 * @returns what gives it back
 * @throws StageFailed (INVALID_CONFIG) where another living agent has it
 */
export function lockWorkDir(workDir: string): () => void {
  // Passable, since a build user's folders are below; nobody else may look around.
  mkdirSync(workDir, { recursive: true, mode: 0o711 });
  refuseForeign(workDir);
  const file = join(workDir, 'agent.lock');
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, identity(process.pid), { flag: 'wx', mode: 0o600 });
      return () => release(workDir, file);
    } catch (cause) {
      const owner = ownerOf(file);
      if (attempt > 0 || (owner !== undefined && isRunning(owner))) throw taken(workDir, owner, cause);
      rmSync(file, { force: true });
    }
  }
}

/** Gives the folder back, and takes away what is empty. */
function release(workDir: string, file: string): void {
  rmSync(file, { force: true });
  for (const folder of [join(workDir, 'jobs'), join(workDir, 'running'), workDir]) {
    try {
      rmdirSync(folder);
    } catch {
      // Not there, or something is still in it.
    }
  }
}

const WRITABLE_BY_ALL = 0o002;

/**
 * In a shared /tmp somebody else may have made the folder first, to read keys or to change builds, or a link to a
 * folder of ours, to have what is in there taken for old jobs and removed.
 */
function refuseForeign(workDir: string): void {
  const { uid, mode } = statSync(workDir);
  const self = process.getuid?.() ?? uid;
  const owners = [uid, lstatSync(workDir).uid];
  if (owners.every((owner) => owner === self) && (mode & WRITABLE_BY_ALL) === 0) return;
  throw new StageFailed('INVALID_CONFIG', `The work folder ${workDir} is not this user's alone.`, {
    suggestion: 'Give a --work-dir that belongs to the user of the runner and that others cannot write to.',
  });
}

/** `pid start`: the start time tells a process from a later one with the same id; empty where unknown. */
function identity(pid: number): string {
  return `${pid} ${processFacts(pid)?.startedAt ?? ''}`;
}

function ownerOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isRunning(owner: string): boolean {
  const pid = Number.parseInt(owner, 10);
  if (Number.isNaN(pid)) return false;
  try {
    process.kill(pid, 0);
    return owner === identity(pid);
  } catch {
    return false;
  }
}

function taken(workDir: string, owner: string | undefined, cause: unknown): StageFailed {
  const who =
    owner === undefined ? 'this process may not write there' : `process ${owner.split(' ')[0]} uses it`;
  return new StageFailed('INVALID_CONFIG', `The work folder ${workDir} cannot be used: ${who}.`, {
    cause,
    suggestion: 'Give each runner a --work-dir of its own.',
  });
}
