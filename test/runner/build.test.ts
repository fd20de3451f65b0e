import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runOnce } from '../../runner/once.ts';
import { findBuildUser } from '../../runner/process/user.ts';
import type { BuildJob } from '../../shared/contracts/jobs.ts';
import { type FakeService, startFakeService } from '../support/fake-service.ts';
import { buildJob, createRepository, npmProject, settings, tempFolder, testJournal } from './fixtures.ts';
import { unzip } from './unzip.ts';

async function run(
  files: Record<string, string>,
  change: (job: BuildJob) => Partial<BuildJob> = () => ({}),
  runner = settings(),
  prepare: (service: FakeService) => void = () => {},
) {
  await using service = await startFakeService();
  prepare(service);
  const repository = createRepository(files);
  const plain = buildJob(repository);
  const job = { ...plain, ...change(plain) };
  service.offer(job);
  const { journal, lines: journalLines } = testJournal();
  const outcome = await runOnce({
    url: service.url,
    jobKey: job.jobKey,
    ticket: `ticket-of-${job.jobKey}`,
    settings: runner,
    journal,
  });
  const trace = service.trace(job.jobKey);
  const messages = trace.lines.map((line) => line.message);
  return { outcome, trace, messages, job, repository, journalLines, complaints: service.complaints, runner };
}

test('a project with a lock file and a build script is cloned, installed, built and uploaded', async () => {
  const done = await run(npmProject('mkdir dist && echo "<h1>hello</h1>" > dist/index.html'));
  expect(done.complaints).toEqual([]);
  expect(done.outcome).toBe('told');
  expect(done.trace.steps).toEqual(['clone', 'install', 'build', 'upload']);
  expect(done.messages).toContain('$ npm ci');
  const { result, uploaded = Buffer.alloc(0) } = done.trace;
  expect(result).toMatchObject({
    outcome: 'built',
    commit: { sha: done.job.commit, message: 'First page', author: 'Ada' },
    artifact: {
      files: 1,
      size: uploaded.length,
      digest: createHash('sha256').update(uploaded).digest('hex'),
    },
  });
  expect(await unzip(uploaded)).toEqual({ 'index.html': '<h1>hello</h1>\n' });
  expect(done.trace.uploadHeaders).toMatchObject({ 'content-type': 'application/zip' });
  expect(done.trace.announced).toEqual(done.trace.result?.outcome === 'built' && done.trace.result.artifact);
  // Nothing of the job is left, and so nothing of its work folder.
  expect(existsSync(done.runner.workDir)).toBe(false);
});

/** Where npm is told to keep its downloads. */
const OWN_CACHE = "sed -n 's/^cache=//p' ~/.npmrc";

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const page = { 'index.html': 'page' };

describe('what becomes the artifact', () => {
  test('a folder without package.json and without a build is taken as it is', async () => {
    const done = await run({ 'index.html': 'page', 'assets/app.js': 'js' });
    expect(done.trace.steps).toEqual(['clone', 'upload']);
    expect(await unzip(done.trace.uploaded ?? Buffer.alloc(0))).toEqual({
      'index.html': 'page',
      'assets/app.js': 'js',
    });
  });

  test('a project in a folder of the repository, with its own output folder', async () => {
    const files = npmProject('mkdir -p ../../out/web && cp index.html ../../out/web', page);
    const inFolder = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [`apps/web/${path}`, text]),
    );
    const done = await run(inFolder, () => ({
      build: { rootDirectory: 'apps/web', outputDirectory: '../../out/web' },
    }));
    expect(await unzip(done.trace.uploaded ?? Buffer.alloc(0))).toEqual({ 'index.html': 'page' });
  });

  test('the same commit twice is the same artifact', async () => {
    const files = npmProject('mkdir dist && date +%N > /dev/null && cp index.html dist', page);
    const [one, other] = [await run(files), await run(files)];
    expect(one.trace.uploaded?.equals(other.trace.uploaded ?? Buffer.alloc(0))).toBe(true);
  });

  test.each([
    ['a root directory above the repository', { rootDirectory: '..' }],
    ['an absolute root directory', { rootDirectory: '/etc' }],
    ['a root directory that is not there', { rootDirectory: 'nowhere' }],
    ['an output directory above the repository', { outputDirectory: '../home' }],
    ['an output link out of the repository', { buildCommand: 'ln -s "$HOME" dist', outputDirectory: 'dist' }],
    [
      'a link in the output to a file of the system',
      { buildCommand: 'mkdir dist && ln -s /etc/passwd dist/x' },
    ],
    ['an empty output', { buildCommand: 'mkdir dist', outputDirectory: 'dist' }],
  ])('%s is INVALID_CONFIG, and nothing is uploaded', async (_name, build) => {
    const done = await run(page, () => ({ build }));
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'INVALID_CONFIG', retryable: false },
    });
    expect(done.trace.uploaded).toBeUndefined();
  });
});

describe('a build that fails', () => {
  test('says its exit code and its last lines', async () => {
    const done = await run(npmProject('echo compiling; echo "syntax error" >&2; exit 7'));
    expect(done.outcome).toBe('told');
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'BUILD_FAILED', step: 'build', exitCode: 7, retryable: false },
    });
    const failure = done.trace.result?.outcome === 'failed' ? done.trace.result.failure : undefined;
    expect(failure?.message).toContain('The build command exited with 7.');
    expect(failure?.message).toContain('syntax error');
  });

  test('in its install step says so', async () => {
    const done = await run(page, () => ({ build: { installCommand: 'exit 3', buildCommand: 'true' } }));
    expect(done.trace.result).toMatchObject({ outcome: 'failed', failure: { step: 'install', exitCode: 3 } });
  });

  test('by a lock file that npm cannot use fails the install', async () => {
    const done = await run({ ...npmProject('true'), 'package-lock.json': '{' });
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'BUILD_FAILED', step: 'install', exitCode: 1 },
    });
  });

  test('to deliver its artifact says UPLOAD_FAILED without the address', async () => {
    const done = await run(page, undefined, undefined, (service) => {
      service.uploadUrl = () => 'http://127.0.0.1:1/x?signature=secret';
    });
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'UPLOAD_FAILED', step: 'upload' },
    });
    expect(JSON.stringify(done.trace)).not.toContain('signature=secret');
  }, 20_000);
});

describe('the output of a build', () => {
  test('gives back each stream exactly, in its own level', async () => {
    const done = await run(npmProject('mkdir dist && echo > dist/x && seq 1 5000 | tee /dev/stderr'));
    const numbers = Array.from({ length: 5000 }, (_, index) => String(index + 1));
    const of = (level: string) =>
      done.trace.lines
        .filter((line) => line.level === level && /^\d+$/.test(line.message))
        .map((line) => line.message);
    expect(of('info')).toEqual(numbers);
    expect(of('warn')).toEqual(numbers);
    expect(done.trace.lines.every((line) => line.at > 0)).toBe(true);
  });

  test('is readable whatever it holds', async () => {
    const script = String.raw`printf 'one\r\n10%%\r99%%\r100%%\n\033[32mgreen\033[0m\n\377\376\n\0end'`;
    const done = await run(page, () => ({
      build: { buildCommand: `mkdir dist && echo > dist/x; ${script}` },
    }));
    expect(done.messages).toEqual(
      expect.arrayContaining(['one', '100%', '\u001b[32mgreen\u001b[0m', '\uFFFD\uFFFD', '\u2400end']),
    );
  });

  test('over the limit is cut with a line that counts what is missing', async () => {
    const done = await run(page, (job) => ({
      build: { buildCommand: 'mkdir dist && echo > dist/x; seq 1 100000' },
      limits: { ...job.limits, outputBytes: 5000 },
    }));
    expect(done.trace.result).toMatchObject({ outcome: 'built' });
    expect(done.messages).toContain('The output limit of 5000 bytes is reached; what follows is counted.');
    expect(done.messages.at(-1)).toMatch(
      /^583895 bytes \(\d+ lines\) over the output limit were not kept\.$/,
    );
  });

  test('never shows a secret, in whatever pieces it is printed', async () => {
    const secret = 'correct-horse-battery';
    const done = await run(page, () => ({
      masked: [secret],
      variables: { TOKEN: secret, A: secret.slice(0, 8), B: secret.slice(8) },
      build: {
        buildCommand: 'printf "$A"; sleep 0.1; echo "$B"; echo "$TOKEN" >&2; echo "$TOKEN"; exit 1',
      },
    }));
    expect(JSON.stringify(done.trace)).not.toContain(secret);
    expect(JSON.stringify(done.trace)).not.toContain(`"${secret.slice(8)}`);
    expect(done.messages).toContain('***');
    expect(done.journalLines.join('')).not.toContain(secret);
  });
});

describe('the environment of a build', () => {
  test('is what was declared, and nothing of the machine', async () => {
    const done = await run(
      page,
      () => ({
        build: { buildCommand: 'mkdir dist; env > dist/env' },
        variables: { GREETING: 'hello', LANG: 'de_DE.UTF-8', PATH: '/nowhere', SLIPWAY_COMMIT: 'forged' },
      }),
      settings({ passedEnvironment: { HTTPS_PROXY: 'http://proxy:1' } }),
    );
    const files = await unzip(done.trace.uploaded ?? Buffer.alloc(0));
    const env = Object.fromEntries((files['env'] ?? '').split('\n').map((line) => line.split(/=(.*)/s)));
    const { workDir } = done.runner;
    expect(
      Object.keys(env)
        .filter((name) => !['', 'PWD', '_', 'SHLVL', 'OLDPWD'].includes(name))
        .sort(),
    ).toEqual([
      'CI',
      'GREETING',
      'HOME',
      'HTTPS_PROXY',
      'LANG',
      'PATH',
      'SLIPWAY',
      'SLIPWAY_COMMIT',
      'SLIPWAY_DEPLOYMENT_ID',
      'SLIPWAY_ENVIRONMENT',
      'SLIPWAY_JOB_ID',
      'SLIPWAY_PROJECT',
      'SLIPWAY_REF',
      'TMPDIR',
    ]);
    expect(env).toMatchObject({
      CI: 'true',
      GREETING: 'hello',
      LANG: 'de_DE.UTF-8',
      SLIPWAY_COMMIT: done.job.commit,
      HOME: join(workDir, 'jobs', done.job.jobId, 'home'),
      TMPDIR: join(workDir, 'jobs', done.job.jobId, 'tmp'),
    });
    expect(env['PATH']?.split(':')[0]).toBe(dirname(process.execPath));
  });

  test('gets the npm configuration of the runner in its empty home', async () => {
    const npmrc = join(tempFolder(), 'npmrc');
    writeFileSync(npmrc, 'registry=https://registry.example.com/\n');
    const done = await run(
      page,
      () => ({ build: { buildCommand: 'mkdir dist; npm config get registry > dist/registry' } }),
      settings({ npmrc, cacheDir: tempFolder('cache') }),
    );
    expect(await unzip(done.trace.uploaded ?? Buffer.alloc(0))).toEqual({
      registry: 'https://registry.example.com/\n',
    });
  });

  test('does not show the registry tokens of that configuration', async () => {
    const npmrc = join(tempFolder(), 'npmrc');
    const password = Buffer.from('opensesame').toString('base64');
    const lines = [
      'always-auth=true',
      '//registry.example.com/:_authToken=abcdef-0123456789',
      `//other.example.com/:_password = "${password}"`,
      `//third.example.com/:_authToken=$${'{FROM_ELSEWHERE}'}`,
    ];
    writeFileSync(npmrc, `${lines.join('\n')}\n`);
    const buildCommand = 'cat ~/.npmrc; echo opensesame; mkdir dist; touch dist/a';
    const done = await run(page, () => ({ build: { buildCommand } }), settings({ npmrc }));
    const shown = done.messages.join('\n');
    expect(shown).not.toMatch(/abcdef-0123456789|opensesame|b3BlbnNlc2FtZQ/);
    expect(shown).toContain('//registry.example.com/:_authToken=***');
    expect(shown).toContain('always-auth=true');
    expect(shown).toContain('{FROM_ELSEWHERE}');
  });

  test('keeps its downloads apart from those of other projects', async () => {
    const cacheDir = tempFolder('cache');
    const caches: string[] = [];
    for (const projectName of ['shop', 'blog', '../..']) {
      const buildCommand = `mkdir dist; ${OWN_CACHE} > dist/cache`;
      const done = await run(page, () => ({ projectName, build: { buildCommand } }), settings({ cacheDir }));
      const { cache = '' } = await unzip(done.trace.uploaded ?? Buffer.alloc(0));
      caches.push(cache.trim());
    }
    const folders = ['shop', 'blog', '%2E%2E%2F%2E%2E'].map((name) => join(cacheDir, 'npm', name));
    expect(caches).toEqual(folders);
  });

  if (process.getuid?.() === 0)
    test('of another user cannot look into the cache of other projects', async () => {
      const [workDir, cacheDir] = [tempFolder('work'), tempFolder('cache')];
      for (const folder of [workDir, cacheDir]) chmodSync(folder, 0o711);
      const runner = settings({ workDir, cacheDir, buildUser: await findBuildUser('nobody') });
      const first = { buildCommand: `mkdir dist; touch "$(${OWN_CACHE})/kept"; touch dist/a` };
      await run(page, () => ({ projectName: 'shop', build: first }), runner);
      const look = `mkdir dist; ls "$(${OWN_CACHE})/../shop" > dist/seen 2>&1; touch dist/a`;
      const other = await run(page, () => ({ projectName: 'blog', build: { buildCommand: look } }), runner);
      expect((await unzip(other.trace.uploaded ?? Buffer.alloc(0)))['seen']).toContain('Permission denied');
      const again = await run(page, () => ({ projectName: 'shop', build: { buildCommand: look } }), runner);
      expect((await unzip(again.trace.uploaded ?? Buffer.alloc(0)))['seen']).toContain('kept');
    });

  if (process.getuid?.() === 0)
    test('of another user leaves no process behind, however it hides', async () => {
      const workDir = tempFolder('work');
      chmodSync(workDir, 0o711);
      const seconds = `3${process.pid}.${Date.now()}`;
      const hidden = `env -i /usr/bin/setsid /bin/sleep ${seconds} < /dev/null > /dev/null 2>&1 &`;
      const buildCommand = `${hidden} sleep 0.3; mkdir dist; pgrep -f 'sleep ${seconds}' > dist/seen`;
      const runner = settings({ workDir, buildUser: await findBuildUser('nobody') });
      const done = await run(page, () => ({ build: { buildCommand } }), runner);
      // It was there while the command ran.
      expect((await unzip(done.trace.uploaded ?? Buffer.alloc(0)))['seen']).toMatch(/^\d+/);
      const left = readdirSync('/proc').filter(
        (name) => /^\d+$/.test(name) && commandOf(name).includes(seconds),
      );
      expect(left).toEqual([]);
    });

  if (process.getuid?.() === 0)
    test('is another user where the runner is root and told so', async () => {
      const workDir = tempFolder('work');
      chmodSync(workDir, 0o711);
      const buildUser = await findBuildUser('nobody');
      const done = await run(
        npmProject(
          'id -un > dist.txt; mkdir dist; mv dist.txt dist; seq 1 10 | tee /dev/stderr; cat ../secret/* && exit 9 || true',
        ),
        () => ({}),
        settings({ workDir, buildUser }),
      );
      expect(await unzip(done.trace.uploaded ?? Buffer.alloc(0))).toEqual({ 'dist.txt': 'nobody\n' });
      expect(done.messages.filter((message) => message === '10')).toHaveLength(2);
    });
});

describe('limits', () => {
  test('of time end the build', async () => {
    const done = await run(page, (job) => ({
      build: { buildCommand: 'sleep 60' },
      limits: { ...job.limits, seconds: 6 },
    }));
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'TIMEOUT', step: 'build' },
    });
  });

  test('of disk end the build', async () => {
    const done = await run(page, (job) => ({
      build: { buildCommand: 'dd if=/dev/zero of=big bs=1M count=20 2>/dev/null; sleep 60' },
      limits: { ...job.limits, diskBytes: 10 * 1024 * 1024 },
    }));
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'BUILD_FAILED', step: 'build' },
    });
    expect(done.messages.at(-1)).toContain('bytes of disk');
  }, 20_000);

  test('of the artifact are told as such', async () => {
    const done = await run({ a: '1', b: '2', c: '3' }, (job) => ({
      limits: { ...job.limits, artifactFiles: 2 },
    }));
    expect(done.trace.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'INVALID_CONFIG', step: 'upload' },
    });
  });
});
