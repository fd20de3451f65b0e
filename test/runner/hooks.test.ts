import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runOnce } from '../../runner/once.ts';
import { unpack } from '../../runner/work/unpack.ts';
import type { BuildJob, ClaimedJob, HookJob } from '../../shared/contracts/jobs.ts';
import { type FakeService, startFakeService } from '../support/fake-service.ts';
import { listen } from '../support/http-server.ts';
import { renamed, type ZipEntry, zipOf } from '../support/zip.ts';
import {
  buildJob,
  createRepository,
  hookJob,
  npmProject,
  settings,
  tempFolder,
  testJournal,
} from './fixtures.ts';
import { unzip } from './unzip.ts';

const PAGE: ZipEntry[] = [
  { path: 'index.html', content: '<h1>hello</h1>' },
  { path: 'bin/check.sh', content: '#!/bin/sh\necho "checked $1"\n', mode: 0o100755 },
];
const hook = (name: string, command: string, seconds = 30) => ({ name, command, seconds });
const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function play(service: FakeService, job: ClaimedJob) {
  service.offer(job);
  const runner = settings();
  await runOnce({
    url: service.url,
    jobKey: job.jobKey,
    ticket: `ticket-of-${job.jobKey}`,
    settings: runner,
    journal: testJournal().journal,
  });
  expect(service.complaints).toEqual([]);
  // Nothing of the job is left.
  expect(existsSync(runner.workDir)).toBe(false);
  const trace = service.trace(job.jobKey);
  const inStep = (step: string) =>
    trace.lines.filter((line) => line.step === step).map((line) => line.message);
  return { ...trace, inStep };
}

/** Runs these commands beside an artifact that a store hands out as it is told to. */
async function run(
  hooks: HookJob['hooks'],
  more: Partial<HookJob> & { readonly entries?: ZipEntry[]; readonly answers?: (n: number) => number } = {},
) {
  await using service = await startFakeService();
  const { entries = PAGE, answers = () => 200, ...changes } = more;
  const zip = await zipOf(entries);
  let asked = 0;
  await using store = await listen((_, response) => {
    asked += 1;
    const status = answers(asked);
    response.writeHead(status).end(status === 200 ? zip : undefined);
  });
  const artifact = {
    url: `http://${store.host}/artifact?signature=hidden`,
    digest: digestOf(zip),
    size: zip.length,
  };
  const trace = await play(service, hookJob(artifact, hooks, changes));
  return { ...trace, asked };
}

describe('commands of hooks beside a build', () => {
  test('run in the unpacked artifact, each as its own step, with what a build knows', async () => {
    const done = await run(
      [
        hook('look', 'cat index.html; ls'),
        hook('check', './bin/check.sh "$SLIPWAY_HOOK_PHASE $SLIPWAY_HOOK"; env | sort | grep -v PATH'),
      ],
      { variables: { COLOR: 'blue' } },
    );
    expect(done.result).toMatchObject({ outcome: 'hooked' });
    expect(done.steps).toEqual(['hook:look', 'hook:check']);
    expect(done.inStep('hook:look')).toEqual([
      expect.stringMatching(/^The artifact \(sha256 [0-9a-f]{64}\) is unpacked: 2 files$/),
      '$ cat index.html; ls',
      '<h1>hello</h1>bin',
      'index.html',
    ]);
    const said = done.inStep('hook:check');
    expect(said).toContain('checked post check');
    expect(said).toEqual(
      expect.arrayContaining([
        'COLOR=blue',
        'SLIPWAY_PROJECT=shop',
        'SLIPWAY_ENVIRONMENT=production',
        `SLIPWAY_COMMIT=${'c'.repeat(40)}`,
        'SLIPWAY_REF=main',
        expect.stringMatching(/^SLIPWAY_DEPLOYMENT_ID=dep_/),
        'SLIPWAY_HOOK=check',
        'SLIPWAY_HOOK_PHASE=post',
      ]),
    );
    // Nothing of the runner's own environment.
    expect(said.join('\n')).not.toMatch(/VITEST|SLIPWAY_TICKET/);
  });

  test('that fail end the job with their exit code and their last lines; the next one does not run', async () => {
    const done = await run([
      hook('one', 'echo fine'),
      hook('two', 'echo broken >&2; exit 7'),
      hook('three', 'true'),
    ]);
    expect(done.result).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'HOOK_FAILED',
        step: 'hook:two',
        exitCode: 7,
        message: 'The post hook two exited with 7.\nbroken',
        retryable: false,
      },
    });
    expect(done.inStep('hook:three')).toEqual([]);
  });

  test('that take too long are ended with everything that they began', async () => {
    const seconds = `98.${process.pid}`;
    const done = await run([hook('slow', `echo begun; sleep ${seconds} & sleep ${seconds}`, 1)]);
    expect(done.result).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'HOOK_FAILED',
        message: 'The post hook slow did not end within 1 s and was ended.\nbegun',
      },
    });
    expect(() => execFileSync('pgrep', ['-f', `sleep ${seconds}`])).toThrow();
  });

  test('that are canceled are ended with everything that they began', async () => {
    await using service = await startFakeService();
    const zip = await zipOf(PAGE);
    await using store = await listen((_, response) => void response.end(zip));
    const seconds = `97.${process.pid}`;
    const artifact = { url: `http://${store.host}/a`, digest: digestOf(zip), size: zip.length };
    const job = hookJob(artifact, [hook('slow', `echo begun; sleep ${seconds} & sleep ${seconds}`)], {
      beatEverySeconds: 0.2,
    });
    const watch = setInterval(() => {
      const begun = service.trace(job.jobKey).lines.some(({ message }) => message === 'begun');
      if (begun) service.verdict = 'cancel';
    }, 20);
    const done = await play(service, job).finally(() => clearInterval(watch));
    expect(done.result).toMatchObject({ outcome: 'canceled' });
    expect(() => execFileSync('pgrep', ['-f', `sleep ${seconds}`])).toThrow();
  });

  test('show no secret, and what is over the limit of output is counted', async () => {
    const done = await run([hook('tell', 'echo "key $KEY"; head -c 40000 /dev/zero | tr "\\0" "x"')], {
      variables: { KEY: 'very-secret-value' },
      masked: ['very-secret-value'],
      limits: { seconds: 60, outputBytes: 20_000, diskBytes: 500_000_000 },
    });
    expect(done.result).toMatchObject({ outcome: 'hooked' });
    expect(JSON.stringify(done.lines)).not.toContain('very-secret-value');
    expect(done.inStep('hook:tell').at(-1)).toMatch(/bytes .* over the output limit were not kept/);
  });

  test('wait for an artifact that does not come at once, and never run in another one', async () => {
    const late = await run([hook('a', 'true')], { answers: (n) => (n < 3 ? 503 : 200) });
    expect(late.result).toMatchObject({ outcome: 'hooked' });
    expect(late.asked).toBe(3);
    const gone = await run([hook('a', 'echo ran')], { answers: () => 403 });
    expect(gone.result).toMatchObject({
      outcome: 'failed',
      failure: { code: 'INTERNAL', message: 'The artifact could not be fetched (status 403).' },
    });
    expect(JSON.stringify(gone.result)).not.toContain('hidden');
    await using service = await startFakeService();
    const zip = await zipOf(PAGE);
    await using store = await listen((_, response) => void response.end(zip));
    const other = { url: `http://${store.host}/a`, digest: 'd'.repeat(64), size: zip.length };
    const done = await play(service, hookJob(other, [hook('a', 'echo ran')]));
    expect(done.result).toMatchObject({ outcome: 'failed' });
    expect(done.inStep('hook:a')).not.toContain('ran');
  }, 30_000);
});

describe('an artifact', () => {
  const unpacked = async (zip: Buffer) => {
    const folder = tempFolder('unpack');
    const file = join(tempFolder('zip'), 'a.zip');
    writeFileSync(file, zip);
    await unpack(file, folder, new AbortController().signal);
    return folder;
  };

  test('is unpacked as it was packed, programs among it', async () => {
    const folder = await unpacked(await zipOf(PAGE));
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('<h1>hello</h1>');
    expect(execFileSync(join(folder, 'bin/check.sh'), ['x'], { encoding: 'utf8' })).toBe('checked x\n');
  });

  test('that would write outside of its folder, or through a link, writes nothing', async () => {
    const climbing = renamed(await zipOf([{ path: 'aa/evil', content: 'x' }]), 'aa/evil', '../evil');
    await expect(unpacked(climbing)).rejects.toMatchObject({ code: 'INVALID_ARTIFACT' });
    const linked = await zipOf([{ path: 'link', content: '/etc', mode: 0o120777 }]);
    await expect(unpacked(linked)).rejects.toMatchObject({ code: 'INVALID_ARTIFACT' });
    await expect(unpacked(Buffer.from('no zip'))).rejects.toMatchObject({ code: 'INVALID_ARTIFACT' });
  });
});

describe('commands of hooks in a build', () => {
  async function build(hooks: BuildJob['hooks']) {
    await using service = await startFakeService();
    const project = npmProject('mkdir dist && echo built > dist/index.html');
    const job = { ...buildJob(createRepository(project)), ...(hooks === undefined ? {} : { hooks }) };
    return await play(service, job);
  }

  test('run after the build command in its folder, and change nothing of what is deployed', async () => {
    const done = await build([
      hook('check', 'cat dist/index.html; echo changed > dist/index.html; echo "$SLIPWAY_HOOK_PHASE"'),
    ]);
    expect(done.result).toMatchObject({ outcome: 'built' });
    expect(done.steps).toEqual(['clone', 'install', 'build', 'hook:check', 'upload']);
    expect(done.inStep('hook:check').slice(1)).toEqual(['built', 'pre']);
    expect(await unzip(done.uploaded ?? Buffer.alloc(0))).toEqual({ 'index.html': 'built\n' });
  });

  test('that fail leave nothing uploaded', async () => {
    const done = await build([hook('check', 'exit 4')]);
    expect(done.result).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'HOOK_FAILED',
        step: 'hook:check',
        exitCode: 4,
        message: 'The pre hook check exited with 4.',
      },
    });
    expect(done.uploaded).toBeUndefined();
  });
});
