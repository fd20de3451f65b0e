import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentRow } from '../../../../shared/contracts/deployment-lists.ts';
import { deploymentResult } from '../../../../shared/contracts/deployment-result.ts';
import { deploymentStatusView } from '../../../../shared/contracts/deployment-status.ts';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { deploymentError } from '../../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../../shared/domain/records.ts';
import type { Ending } from '../../../../shared/domain/settlement.ts';
import { changeWith, requireDeployment } from '../../../../shared/store/deployments.ts';
import { transact } from '../../../../shared/store/engine.ts';
import { requireEnvironment } from '../../../../shared/store/environments.ts';
import { requireProject } from '../../../../shared/store/projects.ts';
import { settle } from '../../../../shared/store/settlement.ts';
import { addSystemLine } from '../../../../shared/store/system-log.ts';
import { newToken } from '../../../../shared/store/tokens.ts';
import { noteBuilt } from '../../../../shared/store/version-builds.ts';
import { testApi } from '../support.ts';
import { type DeploymentsApi, deploymentIn, deploymentsApi, gitProject, start } from './support.ts';

let api: DeploymentsApi;
beforeAll(async () => {
  api = await deploymentsApi();
});

const FAILURE = deploymentError({ code: 'BUILD_FAILED', stage: 'build', message: 'It exited with 7.' });

/** Ends a deployment as a settlement does, without anything having run. */
async function ended(id: string, status: Ending['status'] = 'canceled'): Promise<Deployment> {
  const deployment = await requireDeployment(api.store, id);
  const [project, environment] = await Promise.all([
    requireProject(api.store, deployment.projectId),
    requireEnvironment(api.store, deployment.projectId, deployment.environment),
  ]);
  const live = status === 'succeeded';
  return settle(
    api.store,
    { deployment, project, environment },
    {
      status,
      releaseState: live ? 'active' : 'none',
      active: live ? { deploymentId: id, url: 'https://shop.test' } : 'same',
      draining: false,
      ...(status === 'failed' ? { error: FAILURE } : {}),
    },
  );
}

describe('one deployment', () => {
  test('is shown with an entity tag, and 304 to whoever has it', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const answer = await api.send(`GET /v1/deployments/${id}`);
    expect(deploymentView.parse(answer.body).id).toBe(id);
    const { etag = '' } = answer.headers;
    const again = () => api.send(`GET /v1/deployments/${id}`, { headers: { 'if-none-match': etag } });
    expect((await again()).status).toBe(304);
    await changeWith(api.store, id, () => ({ note: 'moved' }));
    expect(await again()).toMatchObject({ status: 200, body: { revision: 2 } });
  });

  test('is waited for elsewhere: a redirect says where, whatever stands before the path, with the query as it is', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const { status, headers } = await api.send(`GET /v1/deployments/${id}?wait=25&revision=1`);
    expect(status).toBe(307);
    const asked = `https://api.test/some/stage/v1/deployments/${id}?wait=25&revision=1`;
    expect(new URL(headers['location'] ?? '', asked).href).toBe(
      `https://api.test/some/stage/v1/waiting/deployments/${id}?wait=25&revision=1`,
    );
    expect((await api.send(`GET /v1/deployments/${id}?wait=0&revision=1`)).status).toBe(200);
  });

  test('says where it came from: repository, ref, commit with message and author, who, and what it repeats', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api), message: 'Friday' }));
    const commit = { sha: 'e'.repeat(40), message: 'Fix the form', author: 'Ada' };
    await changeWith(api.store, id, () => ({ source: { type: 'branch', ref: 'main', commit } }));
    const { body } = await api.send(`GET /v1/deployments/${id}`);
    expect(deploymentView.parse(body)).toMatchObject({
      repository: { url: expect.stringContaining('git') },
      source: { type: 'branch', ref: 'main', commit },
      trigger: { kind: 'api', actor: 'root' },
      message: 'Friday',
      retryCount: 0,
    });
    expect(body).not.toHaveProperty('parentDeploymentId');
  });

  test('of a version that was built before names the commit in the answer to its start', async () => {
    const projectId = await gitProject(api);
    const first = deploymentIn(await start(api, { projectId }));
    const commit = { sha: 'f'.repeat(40), message: 'Update feature' };
    const artifact = { key: `artifacts/${first.id}/build-0.zip`, digest: 'b'.repeat(64), size: 10, files: 1 };
    await noteBuilt(api.store, await requireDeployment(api.store, first.id), { artifact, commit });
    const { objects } = await api.deps.artifacts();
    await objects.write(artifact.key, new Uint8Array(artifact.size), { contentType: 'application/zip' });
    await ended(first.id, 'succeeded');
    const again = deploymentIn(await start(api, { projectId, versionId: first.versionId }));
    expect(again).toMatchObject({
      id: expect.stringMatching(/^dep_/),
      projectId,
      source: { type: 'branch', ref: 'main', commit },
      status: 'created',
      stage: 'gate',
      progress: 0,
      createdAt: expect.any(String),
    });
  });

  test('is named with its project and commit on the lines of whoever reads it', async () => {
    const { id, projectId } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const sha = 'd'.repeat(40);
    await changeWith(api.store, id, () => ({ source: { type: 'branch', ref: 'main', commit: { sha } } }));
    await api.send(`GET /v1/deployments/${id}`);
    expect(api.lines.at(-1)).toMatchObject({
      message: 'Request answered',
      facts: {
        correlationId: expect.any(String),
        deploymentId: id,
        projectId,
        commit: sha,
        status: 200,
        span: { name: 'GET /v1/deployments/{deploymentId}', outcome: 'ok' },
      },
    });
  });

  test('says what can be done with it, and why not', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const { body } = await api.send(`GET /v1/deployments/${id}/status`);
    const status = deploymentStatusView.parse(body);
    expect(status).toMatchObject({
      id,
      status: 'created',
      canCancel: true,
      canRetry: false,
      canRollback: false,
    });
    expect(Object.keys(status.reasons).toSorted()).toEqual(['canRetry', 'canRollback']);
  });

  test('says how far it is: since when it runs, what its log holds, and how long the last one like it took', async () => {
    const projectId = await gitProject(api);
    const before = deploymentIn(await start(api, { projectId }));
    const at = (seconds: number) => new Date(api.store.clock.now() + seconds * 1000).toISOString();
    await changeWith(api.store, before.id, ({ stages }) => ({
      stages: stages.map((one) =>
        one.name === 'build' ? { ...one, status: 'succeeded', startedAt: at(0), finishedAt: at(90) } : one,
      ),
    }));
    await ended(before.id, 'succeeded');
    const { id } = deploymentIn(await start(api, { projectId }));
    await changeWith(api.store, id, ({ stages }) => ({
      stage: 'build',
      startedAt: at(0),
      stages: stages.map((one) =>
        one.name === 'build' ? { ...one, status: 'running', startedAt: at(0) } : one,
      ),
    }));
    const line = { level: 'info', step: 'build', message: 'compiling' } as const;
    await addSystemLine(api.store, id, 'test', line);
    await addSystemLine(api.store, id, 'test', line);
    api.store.clock.advance(30_000);
    const { body } = await api.send(`GET /v1/deployments/${id}/status`);
    expect(deploymentStatusView.parse(body)).toMatchObject({
      estimatedRemainingSeconds: 60,
      health: { state: 'unknown', message: 'nothing of it is served yet' },
      liveMetrics: { stage: 'build', elapsedSeconds: 30, stageElapsedSeconds: 30, lines: 2, bytes: 18 },
    });
    await ended(id, 'succeeded');
    const over = deploymentStatusView.parse((await api.send(`GET /v1/deployments/${id}/status`)).body);
    expect(over).toMatchObject({ health: { state: 'healthy' } });
    expect(over).not.toHaveProperty('liveMetrics');
    expect(over).not.toHaveProperty('estimatedRemainingSeconds');
  });

  test('says where it is served, or what failed and what to do', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    await ended(id, 'failed');
    const { body } = await api.send(`GET /v1/deployments/${id}/status`);
    expect(deploymentStatusView.parse(body)).toMatchObject({ status: 'failed', error: FAILURE });
    const other = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    await ended(other.id, 'succeeded');
    const served = await api.send(`GET /v1/deployments/${other.id}/status`);
    expect(deploymentStatusView.parse(served.body)).toMatchObject({ url: 'https://shop.test' });
  });

  test('that has ended has a status to keep: its tag leaves out the moment, and is weak for that', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const ask = (headers = {}) => api.send(`GET /v1/deployments/${id}/status`, { headers });
    const running = (await ask()).headers['etag'] ?? '';
    await changeWith(api.store, id, () => ({ startedAt: new Date(api.store.clock.now()).toISOString() }));
    api.store.clock.advance(1000);
    expect((await ask({ 'if-none-match': running })).status).toBe(200);
    await ended(id);
    const over = (await ask()).headers['etag'] ?? '';
    expect(over).toMatch(/^W\/"/);
    api.store.clock.advance(60_000);
    expect((await ask({ 'if-none-match': over })).status).toBe(304);
  });

  test('has a result when it has ended, not before', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const early = await api.send(`GET /v1/deployments/${id}/result`);
    expect(early.status).toBe(409);
    expect(early.body.code).toBe('INVALID_STATE');
    await ended(id, 'succeeded');
    const { body } = await api.send(`GET /v1/deployments/${id}/result`);
    expect(deploymentResult.parse(body)).toMatchObject({
      success: true,
      deploymentUrl: 'https://shop.test',
      errors: [],
      summary: 'Version 1 to production: succeeded after 0 s, served at https://shop.test.',
    });
  });

  test('links to its artifact, once there is one', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    expect((await api.send(`GET /v1/deployments/${id}/artifacts`)).body.items).toEqual([]);
    const artifact = { key: `artifacts/${id}/build-0.zip`, digest: 'b'.repeat(64), size: 10, files: 1 };
    await changeWith(api.store, id, () => ({ artifact }));
    const { body } = await api.send(`GET /v1/deployments/${id}/artifacts`);
    expect(body.items).toMatchObject([{ digest: artifact.digest, size: 10, files: 1 }]);
    expect(JSON.stringify(body.items)).toContain('X-Amz-Signature');
  });

  test('is kept nowhere where its links are signed', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    await ended(id);
    for (const path of ['/artifacts', '/result']) {
      const { headers } = await api.send(`GET /v1/deployments/${id}${path}`);
      expect(headers['cache-control'], path).toBe('no-store');
      expect(headers, path).not.toHaveProperty('etag');
    }
  });

  test('that failed before it had an artifact answers 422 for it, with stage, cause and what to do', async () => {
    const { id } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    await ended(id, 'failed');
    const { status, body } = await api.send(`GET /v1/deployments/${id}/artifacts`);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      deploymentId: id,
      stage: 'build',
      cause: 'BUILD_FAILED',
      retryable: false,
      suggestion: FAILURE.suggestion,
      recovery: 'fix',
    });
  });

  test('is not there for whoever may not see it, in the same words as one that does not exist', async () => {
    const { id, projectId } = deploymentIn(await start(api, { projectId: await gitProject(api) }));
    const unknown = 'dep_01ARZ3NDEKTSV4RRFFQ69G5FAV';
    for (const grant of [
      { role: 'admin', projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' },
      { role: 'admin', projectId, environment: 'staging' },
    ] as const) {
      const token = await api.token([grant]);
      for (const path of ['', '/status', '/result', '/artifacts']) {
        const hidden = await api.send(`GET /v1/deployments/${id}${path}`, { token });
        const missing = await api.send(`GET /v1/deployments/${unknown}${path}`, { token });
        expect(hidden.status).toBe(404);
        expect(hidden.body.detail.replaceAll(id, unknown)).toBe(missing.body.detail);
      }
    }
  });
});

describe('the list', () => {
  let projectId: string;
  let dora: string;
  /** Newest first. */
  const made: string[] = [];

  beforeAll(async () => {
    projectId = await gitProject(api);
    await api.send(`POST /v1/projects/${projectId}/environments`, {
      body: { name: 'staging', type: 'staging' },
    });
    const token = newToken(api.store, {
      kind: 'api',
      name: 'dora',
      subject: 'dora',
      grants: [{ role: 'deployer', projectId }],
      groups: [],
      createdBy: 'test',
    });
    await transact(api.store, [token.write]);
    dora = token.secret;
    const starts: [object, string | undefined, 'succeeded' | 'canceled' | undefined][] = [
      [{ environment: 'production' }, undefined, 'succeeded'],
      [{ environment: 'production', source: { type: 'branch', ref: 'next' } }, dora, 'canceled'],
      [{ environment: 'staging' }, undefined, 'canceled'],
      [{ environment: 'staging' }, dora, 'succeeded'],
      [{ environment: 'production' }, undefined, undefined],
    ];
    // The third and the last have begun.
    const begun = new Set([2, 4]);
    for (const [n, [body, as, end]] of starts.entries()) {
      api.store.clock.advance(1000);
      const sent = as === undefined ? {} : { token: as };
      const { id } = deploymentIn(await start(api, { projectId, ...body }, sent));
      const startedAt = new Date(api.store.clock.now()).toISOString();
      if (begun.has(n)) await changeWith(api.store, id, () => ({ startedAt }));
      if (end !== undefined) await ended(id, end);
      made.unshift(id);
    }
  });

  const list = async (query: string) => {
    const { status, body } = await api.send(`GET /v1/projects/${projectId}/deployments${query}`);
    expect(status).toBe(200);
    return body.items.map(({ id }) => made.indexOf(id));
  };

  test('is newest first, oldest first where asked, in rows of its contract', async () => {
    expect(await list('')).toEqual([0, 1, 2, 3, 4]);
    expect(await list('?order=asc')).toEqual([4, 3, 2, 1, 0]);
    const { body } = await api.send(`GET /v1/projects/${projectId}/deployments`);
    for (const row of body.items) deploymentRow.parse(row);
  });

  test.each([
    ['?environment=staging', [1, 2]],
    ['?status=canceled', [2, 3]],
    ['?status=created', [0]],
    ['?status=created,succeeded', [0, 1, 4]],
    ['?triggeredBy=dora', [1, 3]],
    ['?sourceRef=next', [3]],
    ['?releaseState=active', [1, 4]],
    ['?environment=production&status=succeeded', [4]],
    ['?environment=staging&triggeredBy=dora', [1]],
    ['?type=rollback', []],
    ['?stage=gate', [0]],
    ['?stage=settle&environment=staging', [1, 2]],
    ['?sortBy=finished', [1, 2, 3, 4]],
    ['?sortBy=finished&order=asc&status=canceled', [3, 2]],
    ['?sortBy=started', [0, 2]],
  ])('%s', async (query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  test('is counted where that is asked for, by what the caller may see', async () => {
    const total = async (query: string, token?: string) =>
      (
        await api.send(
          `GET /v1/deployments?projectId=${projectId}&${query}`,
          token === undefined ? {} : { token },
        )
      ).body.total;
    expect(await total('limit=1')).toBeUndefined();
    expect(await total('limit=1&total=true')).toBe(5);
    expect(await total('limit=1&total=true&environment=staging')).toBe(2);
    const { nextCursor } = (await api.send(`GET /v1/deployments?projectId=${projectId}&limit=1`)).body;
    expect(await total(`limit=1&total=true&cursor=${nextCursor}`)).toBeUndefined();
    const token = await api.token([{ role: 'viewer', projectId, environment: 'staging' }]);
    expect(await total('limit=1&total=true', token)).toBe(2);
  });

  test('comes with the last lines of each log where that is asked for', async () => {
    const line = { level: 'info', step: 'build', message: 'compiling' } as const;
    await addSystemLine(api.store, made[0] ?? '', 'test', line);
    const { body } = await api.send(`GET /v1/projects/${projectId}/deployments?includeLogs=true`);
    const rows = body.items.map((row) => deploymentRow.parse(row));
    expect(rows[0]?.logs).toMatchObject([{ n: 1, message: 'compiling' }]);
    expect(rows[1]?.logs).toEqual([]);
  });

  test.each([
    ['/v1/deployments?sortBy=finished', '/sortBy'],
    ['/v1/deployments?sortBy=name', '/sortBy'],
    ['/v1/deployments?includeLogs=true&limit=21', '/limit'],
    ['/v1/deployments?includeLogs=yes', '/includeLogs'],
    ['/v1/deployments?stage=cooking', '/stage'],
  ])('%s is refused with the field', async (path, field) => {
    const { status, body } = await api.send(`GET ${path}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', field });
  });

  test('of a period holds what was created in it, its end excluded', async () => {
    const { createdAt } = (await api.send(`GET /v1/deployments/${made[2]}`)).body;
    const { createdAt: next } = (await api.send(`GET /v1/deployments/${made[1]}`)).body;
    expect(await list(`?from=${createdAt}`)).toEqual([0, 1, 2]);
    expect(await list(`?from=${createdAt}&to=${next}`)).toEqual([2]);
  });

  test('goes on where the page before ended, filtered or not, without gap or repeat', async () => {
    for (const filter of ['', '&releaseState=active', '&status=canceled']) {
      const whole = await list(`?limit=100${filter}`);
      const paged: number[] = [];
      let cursor = '';
      do {
        const { body } = await api.send(
          `GET /v1/projects/${projectId}/deployments?limit=1${filter}${cursor}`,
        );
        paged.push(...body.items.map(({ id }) => made.indexOf(id)));
        cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
      } while (cursor !== '');
      expect(paged).toEqual(whole);
    }
  });

  test('is not sent again to whoever has it, though its cursor is sealed anew each time', async () => {
    const ask = (headers = {}) =>
      api.send(`GET /v1/projects/${projectId}/deployments?status=succeeded&limit=1`, { headers });
    const first = await ask();
    const { etag = '' } = first.headers;
    expect(etag).toMatch(/^W\/"/);
    const { status, headers } = await ask({ 'if-none-match': etag });
    expect([status, headers['etag']]).toEqual([304, etag]);
  });

  test('says which filters were applied, and where to go on', async () => {
    const { body } = await api.send(
      `GET /v1/projects/${projectId}/deployments?triggeredBy=dora&type=deploy&limit=1`,
    );
    expect(body).toMatchObject({
      items: [{ id: made[1], trigger: { actor: 'dora' } }],
      filters: { projectId, triggeredBy: 'dora', type: 'deploy' },
      nextCursor: expect.any(String),
    });
  });

  test('says of each row how it stands, in the words of its status', async () => {
    const { body } = await api.send(`GET /v1/projects/${projectId}/deployments`);
    const rows = body.items.map((row) => deploymentRow.parse(row));
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['created', 'canceled', 'succeeded']));
    for (const row of rows) {
      const answer = await api.send(`GET /v1/deployments/${row.id}/status`);
      const { currentStep, canCancel, canRetry, canRollback, reasons, health, estimatedRemainingSeconds } =
        deploymentStatusView.parse(answer.body);
      expect(row).toMatchObject({ currentStep, canCancel, canRetry, canRollback, reasons, health });
      expect(row.estimatedRemainingSeconds).toBe(estimatedRemainingSeconds);
    }
  });

  test('costs one query, one read of those that are not over, and one of the history, however long it is', async () => {
    const { client } = api.store;
    const send = client.send.bind(client);
    const asked: string[] = [];
    client.send = (async (command: { readonly constructor: { readonly name: string } }) => {
      asked.push(command.constructor.name);
      return (send as (one: unknown) => Promise<unknown>)(command);
    }) as typeof client.send;
    try {
      // Another process, which knows nothing yet.
      const fresh = await testApi({}, api.store);
      const token = api.admin;
      asked.length = 0;
      for (const limit of [1, 5]) {
        await fresh.send(`GET /v1/projects/${projectId}/deployments?limit=${limit}`, { token });
      }
    } finally {
      client.send = send;
    }
    const once = ['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand'];
    // The token, the list, those that are not over; the history the first time.
    expect(asked).toEqual([...once, 'QueryCommand', ...once]);
  });

  test('with one filter reads exactly what it returns', async () => {
    let read = 0;
    const { client } = api.store;
    const send = client.send.bind(client);
    // Every page of every query goes through here; the reads of token and project are no queries.
    client.send = (async (command: { readonly constructor: { readonly name: string } }) => {
      const answer = await (send as (one: unknown) => Promise<{ Items?: unknown[] }>)(command);
      if (command.constructor.name === 'QueryCommand') read += answer.Items?.length ?? 0;
      return answer;
    }) as typeof client.send;
    try {
      for (const query of [
        '?environment=staging',
        '?status=canceled',
        '?triggeredBy=dora',
        '?sourceRef=next',
      ]) {
        read = 0;
        const returned = await list(query);
        expect([query, read]).toEqual([query, returned.length]);
      }
    } finally {
      client.send = send;
    }
  });

  test('shows a token only what it may see', async () => {
    const token = await api.token([{ role: 'viewer', projectId, environment: 'staging' }]);
    const { body } = await api.send('GET /v1/deployments', { token });
    expect(body.items.map(({ id }) => made.indexOf(id))).toEqual([1, 2]);
    const foreign = await api.send(`GET /v1/deployments?projectId=${projectId}`, {
      token: await api.token([{ role: 'admin', projectId: 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV' }]),
    });
    expect(foreign.body.code).toBe('PROJECT_NOT_FOUND');
  });

  test('refuses a cursor of another list, filters it does not know and a sort it cannot do', async () => {
    const { body } = await api.send(`GET /v1/projects/${projectId}/deployments?limit=1`);
    const cursor = body.nextCursor;
    for (const query of [
      `?limit=1&status=failed&cursor=${cursor}`,
      '?status=done',
      '?sortBy=name',
      '?colour=red',
      '?from=yesterday',
    ]) {
      const answer = await api.send(`GET /v1/projects/${projectId}/deployments${query}`);
      expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'VALIDATION_FAILED']);
    }
  });
});
