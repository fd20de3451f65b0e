import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { commandLine } from '../../support/command-line.ts';
import { DEPLOYMENT, fakeSlipway } from '../../support/fake-slipway.ts';

vi.setConfig({ testTimeout: 30_000 });

const ROOT = join(import.meta.dirname, '../../..');

test('--version is that of the package, and a command may have an option of that name', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'client/package.json'), 'utf8'));
  expect(await commandLine(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  const { out } = await commandLine(['deploy', '--help']);
  expect(out).toContain('--version <id>');
});

describe('wrong usage', () => {
  test.each([
    [['deploi'], "error: unknown command 'deploi'\n(Did you mean deploy?)\nSee: slipway --help\n"],
    [['deploy'], "error: required option '--project <project>' not specified\nSee: slipway deploy --help\n"],
    [
      ['envs', 'show', '--project', 'p'],
      "error: missing required argument 'name'\nSee: slipway envs show --help\n",
    ],
    [
      ['status', 'dep_nope'],
      "error: command-argument value 'dep_nope' is invalid for argument 'deployment'. An id is dep_ and 26 characters; \"slipway list\" shows them.\nSee: slipway status --help\n",
    ],
  ])('of %j ends with 2 and says where it is explained', async (args, err) => {
    expect(await commandLine(args)).toEqual({ code: 2, out: '', err });
  });

  test('is JSON where JSON is asked for', async () => {
    const { code, err } = await commandLine(['deploy', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(err)).toEqual({
      error: { detail: "required option '--project <project>' not specified" },
      exitCode: 2,
    });
  });
});

describe('what the service says', () => {
  const problem = {
    type: 'urn:slipway:problem:deployment-not-found',
    title: 'Deployment not found',
    status: 404,
    detail: `The deployment ${DEPLOYMENT} does not exist, or the token may not see it.`,
    code: 'DEPLOYMENT_NOT_FOUND',
    correlationId: 'c',
    retryable: false,
    suggestion: 'GET /v1/deployments (slipway list) lists what the token may see.',
  };

  test('of a refusal comes with its suggestion, and exit code 3', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 404, body: problem }, { status: 404, body: problem });
    expect(await commandLine(['status', DEPLOYMENT], fake.url)).toEqual({
      code: 3,
      out: '',
      err: `✖ ${problem.detail} (DEPLOYMENT_NOT_FOUND)\n${problem.suggestion}\n`,
    });
    const { code, err } = await commandLine(['status', DEPLOYMENT, '--json'], fake.url);
    expect(code).toBe(3);
    expect(JSON.parse(err)).toEqual({ error: problem, exitCode: 3 });
  });

  test('of several things that stand in the way comes with what to do about each', async () => {
    await using fake = await fakeSlipway();
    const issues = [
      {
        field: '/projectId',
        code: 'PROJECT_ARCHIVED',
        message: 'project shop is archived',
        suggestion: 'A.',
      },
      { field: '/environment', code: 'NOT_PROMOTED', message: 'not in staging yet', suggestion: 'B.' },
    ];
    const refused = {
      ...problem,
      status: 400,
      code: 'PREREQUISITES_NOT_MET',
      detail: 'The deployment cannot start: project shop is archived; not in staging yet',
      suggestion: 'A. B.',
      errors: issues.map(({ field, code, message }) => ({ field, code, message })),
      issues,
      suggestions: ['A.', 'B.'],
    };
    fake.next.push({ status: 400, body: refused });
    const { code, err } = await commandLine(['retry', DEPLOYMENT, '--force'], fake.url);
    expect(code).toBe(3);
    expect(err.split('\n')).toEqual([
      `✖ ${refused.detail} (PREREQUISITES_NOT_MET)`,
      '  project shop is archived',
      '    A.',
      '  not in staging yet',
      '    B.',
      '',
    ]);
    expect(fake.bodies).toEqual(['{"force":true}']);
  });

  test('of a failed deployment comes with its error and what to do', async () => {
    await using fake = await fakeSlipway();
    const body = {
      id: DEPLOYMENT,
      status: 'failed',
      releaseState: 'none',
      stage: 'settle',
      progress: 30,
      currentStep: 'done',
      error: {
        code: 'BUILD_FAILED',
        stage: 'build',
        message: 'The build command ended with exit code 7.',
        exitCode: 7,
        retryable: false,
        suggestion: 'Read the end of the log.',
        recovery: 'fix',
        severity: 'recoverable',
      },
      health: { state: 'unknown', message: 'production does not serve it' },
      canCancel: false,
      canRetry: false,
      canRollback: false,
      reasons: {},
      revision: 9,
      at: '2026-01-05T09:01:31.000Z',
    };
    fake.next.push({ status: 200, body });
    expect(await commandLine(['status', DEPLOYMENT], fake.url)).toEqual({
      code: 0,
      out: [
        'failed 30%',
        'BUILD_FAILED in build, exit code 7: The build command ended with exit code 7.',
        'Read the end of the log.',
        '',
      ].join('\n'),
      err: '',
    });
  });

  test('of one that runs comes with its time, what is left of it, and its log', async () => {
    await using fake = await fakeSlipway();
    const body = {
      id: DEPLOYMENT,
      status: 'building',
      releaseState: 'none',
      stage: 'build',
      progress: 30,
      currentStep: 'install',
      estimatedRemainingSeconds: 75,
      health: { state: 'unknown', message: 'nothing of it is served yet' },
      liveMetrics: {
        stage: 'build',
        elapsedSeconds: 40,
        stageElapsedSeconds: 31,
        lines: 412,
        bytes: 20_000,
        linesPerSecond: 12.5,
      },
      canCancel: true,
      canRetry: false,
      canRollback: false,
      reasons: {},
      revision: 9,
      at: '2026-01-05T09:01:31.000Z',
    };
    fake.next.push({ status: 200, body });
    const { out } = await commandLine(['status', DEPLOYMENT], fake.url);
    expect(out).toBe(
      'building 30% (build): install\n40s so far, about 1m15s left; 412 lines of log (12.5 a second)\n',
    );
  });
});

describe('settings by options', () => {
  const PROJECT = 'prj_01JD0000000000000000000000';
  const refusal = { status: 404, body: { code: 'ENVIRONMENT_NOT_FOUND' } };

  test.each([
    [
      ['envs', 'update', 'production', '--project', PROJECT, '--promote-from', 'staging, qa'],
      { promoteFrom: ['staging', 'qa'] },
    ],
    [['envs', 'update', 'production', '--project', PROJECT, '--promote-from', ''], { promoteFrom: null }],
    [
      ['projects', 'update', PROJECT, '--require', 'API_URL,REGION'],
      { requiredVariables: ['API_URL', 'REGION'] },
    ],
  ])('%j sends %j', async (args, body) => {
    await using fake = await fakeSlipway();
    const project = {
      ...{ id: PROJECT, name: 'shop', target: { kind: 'site' }, configuration: {}, parameters: {} },
      ...{ dependsOn: [], settings: {}, lifecycle: 'registered', online: false, health: 'unknown' },
      ...{ createdAt: '2026-01-05T09:00:00.000Z', updatedAt: '2026-01-05T09:00:00.000Z', revision: 1 },
    };
    fake.next.push({ status: 200, body: project }, refusal);
    await commandLine(args, fake.url);
    expect(fake.requests.at(-1)).toMatch(/^PATCH /);
    expect(JSON.parse(fake.bodies.at(-1) ?? '')).toEqual(body);
  });
});

test('a service out of reach ends with 6', async () => {
  const { code, err } = await commandLine(['list'], 'http://127.0.0.1:9');
  expect(code).toBe(6);
  expect(err).toContain('is out of reach');
});

test('without any service it says how to name one', async () => {
  const { code, err } = await commandLine(['list']);
  expect(code).toBe(2);
  expect(err).toContain('slipway login');
});

describe('slipway health', () => {
  const parts = (status: string) => ({
    status,
    at: '2026-01-05T09:00:00.000Z',
    parts: [
      { name: 'records', status: 'ok', milliseconds: 3 },
      { name: 'events', status, milliseconds: 3000 },
    ],
  });

  test('shows each part of a service, and ends with 6 while one is down', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 200, body: parts('ok') }, { status: 503, body: parts('down') });
    const table = (status: string) =>
      ['part     status  took', 'records  ok      3 ms', `events   ${status.padEnd(6)}  3000 ms`, ''].join(
        '\n',
      );
    expect(await commandLine(['health'], fake.url)).toEqual({ code: 0, out: table('ok'), err: '' });
    const { code, out, err } = await commandLine(['health'], fake.url);
    expect([code, out]).toEqual([6, table('down')]);
    expect(err).toContain('Not in order: events.');
    expect(fake.requests).toHaveLength(2);
  });
});
