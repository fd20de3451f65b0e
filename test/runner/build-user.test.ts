import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startAgent } from '../../runner/agent.ts';
import { findWorkingUser } from '../../runner/build-user.ts';
import { findProcesses } from '../../runner/process/find.ts';
import { findBuildUser, userOfJob } from '../../runner/process/user.ts';
import type { BuildJob } from '../../shared/contracts/jobs.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { type FakeService, RUNNER_TOKEN, startFakeService } from '../support/fake-service.ts';
import { buildJob, createRepository, npmProject, settings, tempFolder, testJournal } from './fixtures.ts';
import { unzip } from './unzip.ts';

const isRoot = process.getuid?.() === 0;
const page = { 'index.html': 'page' };

/** An agent as root starts it, and what it built. */
function startFor(service: FakeService, buildUsers: readonly string[], runner = settings(), parallel = 1) {
  const { journal, lines } = testJournal();
  const started = startAgent({
    url: service.url,
    token: RUNNER_TOKEN,
    settings: runner,
    journal,
    buildUsers,
    parallel,
    lookEverySeconds: 0.2,
  });
  onTestFinished(() => started.stop().catch(() => {}));
  return { started, lines };
}

async function built(service: FakeService, job: BuildJob): Promise<Record<string, string>> {
  const { result, uploaded, lines } = await service.finished(job.jobKey);
  expect(result, lines.map(({ message }) => message).join('\n')).toMatchObject({ outcome: 'built' });
  return unzip(uploaded ?? Buffer.alloc(0));
}

if (isRoot)
  test('where the agent is root, builds run as a user without rights, with npm and a cache', async () => {
    await using service = await startFakeService();
    const runner = settings();
    const cacheDir = join(runner.workDir, 'cache');
    const secret = join(tempFolder('secret'), 'token');
    writeFileSync(secret, 'of root', { mode: 0o600 });
    const script = [
      'mkdir dist',
      'id -un > dist/who',
      `(cat ${secret} || cat /proc/$PPID/environ || cat ../secret/*) > dist/stolen 2>/dev/null`,
      'npm config get cache > dist/cache',
      'touch "$(npm config get cache)/kept"',
    ].join('; ');
    const job = buildJob(createRepository(npmProject(script)));
    service.offer(job);
    const { lines, started } = startFor(service, ['no-such-user', 'nobody'], { ...runner, cacheDir });
    const files = await built(service, job);
    expect(files['who']).toBe('nobody\n');
    expect(files['stolen']).not.toContain('of root');
    expect(files['stolen']).not.toContain(RUNNER_TOKEN);
    expect(files['cache']?.trim()).toBe(join(cacheDir, 'npm', 'shop'));
    expect(lines.join('')).toContain('user="nobody"');
    await started.stop();
    expect(existsSync(join(runner.workDir, 'jobs'))).toBe(false);
  });

if (isRoot)
  test('whatever such a build began ends with it, and what the user runs besides goes on', async () => {
    await using service = await startFakeService();
    const seconds = `4${process.pid}.${Date.now()}`;
    const hidden = `env -i setsid sleep ${seconds} < /dev/null > /dev/null 2>&1 &`;
    const job = buildJob(createRepository(page), {
      build: {
        buildCommand: `echo ready; ${hidden} sleep 1; mkdir dist; pgrep -f 'sleep ${seconds}' > dist/seen`,
      },
    });
    service.offer(job);
    startFor(service, ['nobody']);
    while (!service.trace(job.jobKey).lines.some(({ message }) => message === 'ready')) await sleep(20);
    // A service of the machine that comes up as the same user while the build runs.
    const { uid, gid } = await findBuildUser('nobody');
    const other = execFileSync('sh', ['-c', 'sleep 30 > /dev/null 2>&1 & echo $!'], { uid, gid })
      .toString()
      .trim();
    onTestFinished(() => {
      process.kill(Number(other), 'SIGKILL');
    });
    const files = await built(service, job);
    expect(files['seen']).toMatch(/^\d+/);
    expect(findProcesses({ mark: job.jobId })).toEqual([]);
    expect(() => execFileSync('pgrep', ['-f', `sleep ${seconds}`])).toThrow();
    expect(existsSync(`/proc/${other}`)).toBe(true);
  });

if (isRoot)
  test('two such builds at a time end alone', async () => {
    await using service = await startFakeService();
    const meeting = tempFolder('meeting');
    chmodSync(meeting, 0o777);
    const first = buildJob(createRepository(page), {
      build: {
        buildCommand: `id -g > ${meeting}/first; while [ ! -e ${meeting}/second ]; do sleep 0.05; done; mkdir dist; cp ${meeting}/* dist`,
      },
    });
    const second = buildJob(createRepository(page), {
      build: {
        buildCommand: `id -g > ${meeting}/second; while [ -e /proc/1 ] && [ ! -e ${meeting}/go ]; do sleep 0.05; done; mkdir dist; echo > dist/x`,
      },
    });
    for (const job of [first, second]) service.offer(job);
    startFor(service, ['nobody'], settings(), 2);
    const groups = await built(service, first);
    expect(groups['first']).not.toBe(groups['second']);
    // The end of the first job has swept its user's processes; the second goes on.
    await sleep(300);
    expect(service.trace(second.jobKey).result).toBeUndefined();
    writeFileSync(join(meeting, 'go'), '');
    await built(service, second);
  });

if (isRoot)
  test('a build keeps its cache while one of another project begins, and not after', async () => {
    await using service = await startFakeService();
    const meeting = tempFolder('meeting');
    chmodSync(meeting, 0o777);
    const runner = settings();
    const cacheDir = join(runner.workDir, 'cache');
    const own = 'cd "$(npm config get cache)"';
    const first = buildJob(createRepository(page), {
      projectName: 'shop',
      build: {
        buildCommand: `mkdir dist; (${own}; touch ${meeting}/first; while [ ! -e ${meeting}/second ]; do sleep 0.05; done; ${own} && touch kept) && echo > dist/x`,
      },
    });
    const second = buildJob(createRepository(page), {
      projectName: 'blog',
      build: {
        buildCommand: `touch ${meeting}/second; while [ ! -e ${meeting}/go ]; do sleep 0.05; done; mkdir dist; echo > dist/x`,
      },
    });
    service.offer(first);
    startFor(service, ['nobody'], { ...runner, cacheDir }, 2);
    while (!existsSync(join(meeting, 'first'))) await sleep(20);
    service.offer(second);
    await built(service, first);
    writeFileSync(join(meeting, 'go'), '');
    await built(service, second);
    const third = buildJob(createRepository(page), {
      projectName: 'blog',
      build: { buildCommand: `mkdir dist; ls ${cacheDir}/npm/shop > dist/seen 2>&1; echo > dist/x` },
    });
    service.offer(third);
    expect((await built(service, third))['seen']).toContain('Permission denied');
  });

if (isRoot)
  test('a folder below one that only root may enter: builds run as root, and that is said loudly', async () => {
    await using service = await startFakeService();
    const closed = tempFolder('closed');
    chmodSync(closed, 0o700);
    const workDir = join(closed, 'work');
    mkdirSync(workDir);
    const job = buildJob(createRepository(npmProject('mkdir dist; id -un > dist/who')));
    service.offer(job);
    const { lines } = startFor(service, ['nobody'], settings({ workDir }));
    expect(await built(service, job)).toEqual({ who: 'root\n' });
    const said = lines.join('');
    expect(said).toContain('BUILDS RUN AS ROOT');
    expect(said).toContain('useradd --system slipway-build');
    expect(said).toMatch(/reason="nobody: It cannot/);
  });

if (isRoot)
  test('a named user that cannot build ends the agent at its start, not each build', async () => {
    await using service = await startFakeService();
    const closed = tempFolder('closed');
    const workDir = join(closed, 'work');
    mkdirSync(workDir);
    const runner = settings({ workDir, buildUser: await findBuildUser('nobody') });
    const { started } = startFor(service, [], runner);
    await expect(started.done).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    expect(service.claims).toEqual([]);
  });

if (isRoot)
  test.each([
    ['npm', 'It cannot run npm'],
    ['git', 'It cannot run git'],
  ])('a user that reaches no %s is not used, and it is said why', async (missing, why) => {
    const bin = tempFolder('bin');
    chmodSync(bin, 0o755);
    const found = (program: string) =>
      execFileSync('sh', ['-c', `command -v ${program}`])
        .toString()
        .trim();
    for (const program of ['sh', 'touch', 'test', 'env', 'node', 'npm', 'git'].filter(
      (name) => name !== missing,
    )) {
      const path = program === 'node' ? process.execPath : found(program);
      if (path.startsWith('/')) execFileSync('ln', ['-s', path, join(bin, program)]);
    }
    const tried = await findWorkingUser(settings({ path: bin }), ['nobody'], systemClock);
    expect(tried.why).toContain(why);
  });

if (isRoot)
  test('a user that cannot read the certificates that builds are given is not used', async () => {
    const file = join(tempFolder('certificates'), 'ca.pem');
    writeFileSync(file, 'certificate', { mode: 0o600 });
    const runner = settings({ passedEnvironment: { SSL_CERT_FILE: file } });
    const tried = await findWorkingUser(runner, ['nobody'], systemClock);
    expect(tried.why).toContain(`It cannot read ${file}`);
  });

if (isRoot)
  test('a Node that the user cannot reach is copied to where it can, and goes with the agent', async () => {
    await using service = await startFakeService();
    const closed = tempFolder('closed');
    const node = join(closed, 'node');
    execFileSync('cp', [process.execPath, node]);
    const runner = settings();
    const main = join(import.meta.dirname, '../../runner/main.ts');
    const script = `mkdir dist; command -v node > dist/node; node -p process.version > dist/version`;
    const job = buildJob(createRepository(page), { build: { buildCommand: script } });
    service.offer(job);
    const { spawn } = await import('node:child_process');
    const args = [
      main,
      'agent',
      '--url',
      service.url,
      '--work-dir',
      runner.workDir,
      '--allow-schemes',
      'file',
    ];
    const child = spawn(node, args, {
      env: { PATH: process.env['PATH'], SLIPWAY_RUNNER_TOKEN: RUNNER_TOKEN },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    onTestFinished(() => void child.kill('SIGKILL'));
    const files = await built(service, job);
    expect(files['node']?.trim()).toBe(join(runner.workDir, 'node', 'node'));
    expect(files['version']?.trim()).toBe(process.version);
    child.kill('SIGTERM');
    await ended;
    expect(existsSync(runner.workDir)).toBe(false);
  });

test('jobs of a shared user have groups of their own, and one of a user for this runner alone keeps its group', () => {
  const shared = { name: 'nobody', uid: 65534, gid: 65534, shared: true };
  const groups = new Set(Array.from({ length: 50 }, (_, i) => userOfJob(shared, `job_${i}`).gid));
  expect(groups.size).toBeGreaterThan(40);
  for (const gid of groups) expect(gid).toSatisfy((id: number) => id >= 60_578 && id < 61_184);
  const known = readFileSync('/etc/group', 'utf8');
  for (const gid of groups) expect(known).not.toContain(`:${gid}:`);
  const own = { name: 'builds', uid: 1001, gid: 1001 };
  expect(userOfJob(own, 'job_1')).toBe(own);
});
