import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ulid } from 'ulid';
import { onTestFinished } from 'vitest';
import { createJournal } from '../../runner/journal.ts';
import type { RunnerSettings } from '../../runner/settings.ts';
import type { BuildJob, HookJob, JobKind, ResolveJob } from '../../shared/contracts/jobs.ts';
import { systemClock } from '../../shared/platform/clock.ts';

/** A folder that is gone after the test. */
export function tempFolder(name = 'folder'): string {
  const folder = mkdtempSync(join(tmpdir(), `runner-test-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export interface TestRepository {
  readonly folder: string;
  readonly url: string;
  commit(message: string, files?: Readonly<Record<string, string>>): string;
  git(...args: string[]): string;
}

/** A real repository with one commit. */
export function createRepository(files: Readonly<Record<string, string>>): TestRepository {
  const folder = tempFolder('repository');
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  const commit = (message: string, more: Readonly<Record<string, string>> = {}) => {
    writeFiles(folder, more);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  commit('First page', files);
  return { folder, url: `file://${folder}`, commit, git };
}

/** A project of npm without dependencies, so that nothing is downloaded. */
export function npmProject(
  build: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const description = { name: 'site', version: '1.0.0', private: true, scripts: { build } };
  const lock = {
    name: 'site',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'site', version: '1.0.0' } },
  };
  return {
    'package.json': JSON.stringify(description),
    'package-lock.json': JSON.stringify(lock),
    ...more,
  };
}

export function settings(more: Partial<RunnerSettings> = {}): RunnerSettings {
  return {
    workDir: tempFolder('work'),
    schemes: ['https', 'ssh', 'http', 'git', 'file'],
    path: process.env['PATH'] ?? '/usr/bin:/bin',
    passedEnvironment: {},
    ...more,
  };
}

const MEGABYTE = 1024 * 1024;

/** What jobs of every kind have. */
function jobOf<K extends JobKind>(kind: K) {
  const deploymentId = `dep_${ulid()}`;
  const jobKey = `${deploymentId}.${kind}.1`;
  return {
    kind,
    jobKey,
    jobId: `job_${ulid()}`,
    deploymentId,
    round: 1,
    jobToken: `token-of-${jobKey}`,
    masked: [],
    beatEverySeconds: 15,
    unansweredLimitSeconds: 45,
  };
}

export function buildJob(repository: TestRepository, more: Partial<BuildJob> = {}): BuildJob {
  return {
    ...jobOf('build'),
    projectName: 'shop',
    environment: 'production',
    repository: { url: repository.url, submodules: false },
    commit: repository.git('rev-parse', 'HEAD'),
    ref: 'main',
    build: {},
    variables: {},
    limits: {
      seconds: 60,
      outputBytes: 10 * MEGABYTE,
      diskBytes: 500 * MEGABYTE,
      artifactBytes: 50 * MEGABYTE,
      artifactFiles: 1000,
    },
    ...more,
  };
}

export function resolveJob(repository: TestRepository, more: Partial<ResolveJob> = {}): ResolveJob {
  return {
    ...jobOf('resolve'),
    repository: { url: repository.url, submodules: false },
    ref: 'main',
    refType: 'branch',
    ...more,
  };
}

export function hookJob(
  artifact: HookJob['artifact'],
  hooks: HookJob['hooks'],
  more: Partial<HookJob> = {},
): HookJob {
  return {
    ...jobOf('hook'),
    projectName: 'shop',
    environment: 'production',
    phase: 'post',
    hooks,
    artifact,
    commit: 'c'.repeat(40),
    ref: 'main',
    variables: {},
    limits: { seconds: 60, outputBytes: 10 * MEGABYTE, diskBytes: 500 * MEGABYTE },
    ...more,
  };
}

/** A journal that a failing test can show. */
export function testJournal(): { journal: ReturnType<typeof createJournal>; lines: string[] } {
  const lines: string[] = [];
  return { journal: createJournal(systemClock, (line) => lines.push(line)), lines };
}
