import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { problem } from '../../../../shared/contracts/problem.ts';
import { requireDeployment } from '../../../../shared/store/deployments.ts';
import { getSlot } from '../../../../shared/store/slot.ts';
import { changeVersion, requireVersion } from '../../../../shared/store/versions.ts';
import { newName } from '../support.ts';
import { type DeploymentsApi, deploymentIn, deploymentsApi, gitProject, start } from './support.ts';

let api: DeploymentsApi;
beforeAll(async () => {
  api = await deploymentsApi();
});

describe('a start', () => {
  test('answers 202 with the deployment, where it is, and starts its machine by its id', async () => {
    const projectId = await gitProject(api);
    const answer = await start(api, { projectId, message: 'Ship it' });
    const deployment = deploymentView.parse(answer.body);
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe(`/v1/deployments/${deployment.id}`);
    expect(deployment).toMatchObject({
      projectId,
      environment: 'production',
      status: 'created',
      releaseState: 'none',
      progress: 0,
      message: 'Ship it',
      method: 'api',
      source: { type: 'branch', ref: 'main' },
      versionNumber: 1,
      trigger: { kind: 'api', actor: 'root' },
      strategy: 'all-at-once',
      validation: { passed: true },
      revision: 1,
    });
    expect(api.started).toContain(deployment.id);
  });

  test('shows nothing of what keeps it correct', async () => {
    const answer = await start(api, { projectId: await gitProject(api) });
    for (const name of ['fence', 'calls', 'wake', 'seen', 'published', 'deadlines', 'snapshot', 'entered']) {
      expect(answer.body).not.toHaveProperty(name);
    }
  });

  test('takes the slot and a version in the same write', async () => {
    const projectId = await gitProject(api);
    const { id, versionId } = deploymentIn(
      await start(api, { projectId, source: { type: 'tag', ref: 'v1.2' } }),
    );
    expect(await getSlot(api.store, projectId, 'production')).toMatchObject({ owner: id, fence: 1 });
    expect((await requireDeployment(api.store, id)).fence).toBe(1);
    const version = await api.send(`GET /v1/projects/${projectId}/versions/${versionId}`);
    expect(version.body).toMatchObject({ number: 1, source: { type: 'git', ref: 'v1.2' } });
  });

  test('of an existing version makes no new one, and merges its configuration and the override', async () => {
    const projectId = await gitProject(api, { configuration: { a: 1, b: { c: 1 } }, parameters: { p: 1 } });
    const version = await api.send(`POST /v1/projects/${projectId}/versions`, {
      body: { source: { type: 'git', ref: 'main' }, configuration: { b: { d: 2 } } },
    });
    const deployment = deploymentIn(
      await start(api, {
        projectId,
        versionId: version.body.id,
        configOverride: { a: null, e: 3 },
        parametersOverride: { q: 2 },
      }),
    );
    expect(deployment).toMatchObject({
      versionId: version.body.id,
      configSnapshot: { b: { c: 1, d: 2 }, e: 3 },
      parametersSnapshot: { p: 1, q: 2 },
    });
    expect(deployment.configSnapshot).not.toHaveProperty('a');
  });

  test('stands although the machine could not be started', async () => {
    const broken = await deploymentsApi();
    broken.breakMachine();
    const answer = await start(broken, { projectId: await gitProject(broken) });
    expect(answer.status).toBe(202);
    expect(broken.lines.some(({ level, message }) => level === 'warn' && /not started/.test(message))).toBe(
      true,
    );
  });

  test('that waits answers after the time is up, with what stands then', async () => {
    const projectId = await gitProject(api);
    const before = api.store.clock.now();
    const answer = await api.send('POST /v1/deployments?wait=3', { body: { projectId } });
    expect(answer.status).toBe(202);
    expect(api.store.clock.now() - before).toBe(3000);
  });
});

describe('many starts at once', () => {
  test('fifty with keys of their own: one 202, forty-nine 409 that name the winner', async () => {
    const projectId = await gitProject(api);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        start(api, { projectId }, { headers: { 'idempotency-key': `key-${n}` } }),
      ),
    );
    const [winner, ...more] = answers.filter(({ status }) => status === 202);
    expect(more).toEqual([]);
    const losers = answers.filter(({ status }) => status === 409);
    expect(losers).toHaveLength(49);
    for (const { body } of losers) {
      expect(body).toMatchObject({ code: 'ALREADY_RUNNING', deploymentId: winner?.body.id });
      expect(body.detail).toContain(winner?.body.id);
    }
    const list = await api.send(`GET /v1/projects/${projectId}/deployments`);
    expect(list.body.items).toHaveLength(1);
    const versions = await api.send(`GET /v1/projects/${projectId}/versions`);
    expect(versions.body.items).toHaveLength(1);
  });

  test('fifty with one key: one deployment, fifty equal answers', async () => {
    const projectId = await gitProject(api);
    const headers = { 'idempotency-key': newName() };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => start(api, { projectId }, { headers })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const list = await api.send(`GET /v1/projects/${projectId}/deployments`);
    expect(list.body.items).toHaveLength(1);
  });

  test('in several environments of one project all succeed, each with a version number of its own', async () => {
    const projectId = await gitProject(api);
    const names = ['e1', 'e2', 'e3', 'e4', 'e5'];
    for (const name of names) {
      await api.send(`POST /v1/projects/${projectId}/environments`, { body: { name, type: 'testing' } });
    }
    const answers = await Promise.all(names.map((environment) => start(api, { projectId, environment })));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const numbers = answers.map((answer) => deploymentIn(answer).versionNumber);
    expect(numbers.toSorted()).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a start is refused, and nothing is written,', () => {
  const refusals: [string, (projectId: string) => object, number, object][] = [
    ['without a project', () => ({}), 400, { code: 'VALIDATION_FAILED', field: '/projectId' }],
    [
      'of an unknown project',
      () => ({ projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' }),
      404,
      { code: 'PROJECT_NOT_FOUND' },
    ],
    [
      'in an unknown environment',
      (projectId) => ({ projectId, environment: 'nowhere' }),
      404,
      { code: 'ENVIRONMENT_NOT_FOUND' },
    ],
    [
      'of an unknown version',
      (projectId) => ({ projectId, versionId: 'ver_01ARZ3NDEKTSV4RRFFQ69G5FAV' }),
      404,
      { code: 'VERSION_NOT_FOUND' },
    ],
    [
      'with a ref that git would read as an option',
      (projectId) => ({ projectId, source: { type: 'branch', ref: '--upload-pack=x' } }),
      400,
      { code: 'VALIDATION_FAILED', field: '/source/ref' },
    ],
    [
      'with a short commit',
      (projectId) => ({ projectId, source: { type: 'commit', ref: 'abc1234' } }),
      400,
      { code: 'VALIDATION_FAILED', field: '/source/ref' },
    ],
    [
      'with a version and a source',
      (projectId) => ({
        projectId,
        versionId: 'ver_01ARZ3NDEKTSV4RRFFQ69G5FAV',
        source: { type: 'branch', ref: 'main' },
      }),
      400,
      { code: 'VALIDATION_FAILED', field: '/source' },
    ],
    [
      'with a field that is not there yet',
      (projectId) => ({ projectId, skipDeploy: true }),
      400,
      { code: 'VALIDATION_FAILED' },
    ],
    [
      'with a strategy that nobody knows',
      (projectId) => ({ projectId, strategy: 'big-bang' }),
      400,
      { code: 'VALIDATION_FAILED', field: '/strategy' },
    ],
  ];

  test.each(refusals)('%s', async (_what, bodyFor, status, expected) => {
    const projectId = await gitProject(api);
    const before = await api.items();
    const answer = await start(api, bodyFor(projectId));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject(expected);
    expect(await api.items()).toBe(before);
  });

  test('where prerequisites are not met, with each that is missing', async () => {
    const projectId = (
      await api.send('POST /v1/projects', { body: { name: newName(), target: { kind: 'site' } } })
    ).body.id;
    const before = await api.items();
    const answer = await start(api, { projectId });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: 'PREREQUISITES_NOT_MET',
      issues: [{ field: '/source', code: 'NO_REPOSITORY' }],
    });
    expect(await api.items()).toBe(before);
  });

  test('with every reason at once, each with its field and what to do, and nothing is written', async () => {
    const projectId = await gitProject(api, { requiredVariables: ['API_URL'] });
    const environments = `/v1/projects/${projectId}/environments`;
    await api.send(`POST ${environments}`, { body: { name: 'staging', type: 'staging' } });
    await api.send(`PATCH ${environments}/production`, { body: { promoteFrom: ['staging'] } });
    const before = await api.items();
    const source = { type: 'commit', ref: 'e'.repeat(40) };
    const { status, body } = await start(api, { projectId, source, strategy: 'rolling' });
    expect(status).toBe(400);
    const { errors, issues, suggestions, warnings } = problem.parse(body);
    expect(errors?.map(({ field, code }) => [field, code])).toEqual([
      ['/environment', 'VARIABLE_MISSING'],
      ['/environment', 'NOT_PROMOTED'],
      ['/strategy', 'STRATEGY_NOT_POSSIBLE'],
    ]);
    expect(issues?.map(({ suggestion }) => suggestion)).toEqual(suggestions);
    expect(issues?.map(({ suggestion: _, ...error }) => error)).toEqual(errors);
    expect(warnings).toEqual([]);
    expect(body.detail).toContain('lacks API_URL');
    expect(await api.items()).toBe(before);
    const planned = { projectId, source, at: new Date(api.store.clock.now() + 3_600_000).toISOString() };
    expect((await api.send('POST /v1/schedules', { body: planned })).body.code).toBe('PREREQUISITES_NOT_MET');
    expect(
      (await api.send('POST /v1/schedules', { body: { ...planned, at: undefined, cron: '0 8 * * *' } })).body
        .code,
    ).toBe('PREREQUISITES_NOT_MET');
    expect(await api.items()).toBe(before);
  });

  test('of an uploaded version whose artifact is not there as it was', async () => {
    const projectId = await gitProject(api);
    const { body } = await api.send(`POST /v1/projects/${projectId}/versions`, {
      body: { source: { type: 'upload', sha256: 'a'.repeat(64), size: 100 } },
    });
    const version = await requireVersion(api.store, projectId, body.id);
    const key = `uploads/${projectId}/${body.id}.zip`;
    await changeVersion(api.store, version, {
      state: 'ready',
      artifact: { key, digest: 'a'.repeat(64), size: 100, files: 1 },
    });
    const refusal = {
      code: 'PREREQUISITES_NOT_MET',
      issues: [{ field: '/versionId', code: 'ARTIFACT_GONE' }],
    };
    expect((await start(api, { projectId, versionId: body.id })).body).toMatchObject(refusal);
    const { objects } = await api.deps.artifacts();
    await objects.write(key, new Uint8Array(99), { contentType: 'application/zip' });
    expect((await start(api, { projectId, versionId: body.id })).body).toMatchObject(refusal);
    await objects.write(key, new Uint8Array(100), { contentType: 'application/zip' });
    expect((await start(api, { projectId, versionId: body.id })).status).toBe(202);
  });

  test('for nothing that only holds a deployment: freeze and approvals are said, and it is taken', async () => {
    const projectId = await gitProject(api);
    const approvals = { required: 2, allowSelf: false, expiresInSeconds: 3600 };
    const path = `/v1/projects/${projectId}/environments/production`;
    await api.send(`PATCH ${path}`, { body: { approvals } });
    const now = api.store.clock.now();
    const freeze = {
      scope: { projectId },
      from: new Date(now - 60_000).toISOString(),
      to: new Date(now + 3_600_000).toISOString(),
      reason: 'the sale',
    };
    expect((await api.send('POST /v1/freezes', { body: freeze })).status).toBe(201);
    const { validation } = deploymentIn(await start(api, { projectId }));
    expect(validation.passed).toBe(true);
    const said = Object.fromEntries(validation.checks.map(({ name, message }) => [name, message]));
    expect(said).toMatchObject({
      freeze: `held by a freeze until ${freeze.to}: the sale`,
      approval: '2 approvals are needed',
    });
  });

  test('with the same key and another body, also after the first has its answer', async () => {
    const projectId = await gitProject(api);
    const headers = { 'idempotency-key': newName() };
    await start(api, { projectId }, { headers });
    const answer = await start(api, { projectId, message: 'other' }, { headers });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('by whoever may not deploy there: 403 where it may look, 404 where it may not', async () => {
    const projectId = await gitProject(api);
    const viewer = await api.token([{ role: 'viewer', projectId }]);
    const stranger = await api.token([{ role: 'admin', projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' }]);
    const elsewhere = await api.token([{ role: 'deployer', projectId, environment: 'staging' }]);
    const codes = await Promise.all(
      [viewer, stranger, elsewhere].map(
        async (token) => (await start(api, { projectId }, { token })).body.code,
      ),
    );
    expect(codes).toEqual(['PERMISSION_DENIED', 'PROJECT_NOT_FOUND', 'ENVIRONMENT_NOT_FOUND']);
    expect((await getSlot(api.store, projectId, 'production')).owner).toBeUndefined();
  });
});
