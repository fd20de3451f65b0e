import { beforeAll, describe, expect, test } from 'vitest';
import { MUST_NOT_EXIST } from '../../../shared/store/conditions.ts';
import { transact } from '../../../shared/store/engine.ts';
import { projectServes } from '../../../shared/store/projects.ts';
import { slotItem } from '../../../shared/store/slot.ts';
import { makeProject, newName, type TestApi, testApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

test('a dependency on a project that the token may not see is refused like one on none', async () => {
  const [own, other] = [await makeProject(api), await makeProject(api)];
  const token = await api.token([{ role: 'admin', projectId: own }], 'ada');
  const dependOn = (id: string, as?: string) =>
    api.send(`PATCH /v1/projects/${own}`, {
      body: { dependsOn: [id] },
      ...(as === undefined ? {} : { token: as }),
    });
  const unseen = await dependOn(other, token);
  const missing = await dependOn('prj_01ARZ3NDEKTSV4RRFFQ69G5FAV', token);
  expect(unseen.body.errors).toEqual(missing.body.errors);
  expect(unseen.status).toBe(400);
  expect((await dependOn(other)).status).toBe(200);
});

describe('a new project', () => {
  test('is answered with its place and can be read there', async () => {
    const body = {
      name: newName(),
      target: { kind: 'site', fallback: 'spa' },
      repository: {
        url: 'https://git.example.com/team/app.git',
        defaultBranch: 'main',
        credential: 'GIT_TOKEN',
      },
      build: { outputDirectory: 'dist', buildCommand: 'npm run build' },
      configuration: { colour: 'blue', nested: { toString: 1, list: [1.5, null, '😀'] } },
      settings: { runner: { kind: 'agent', label: 'big' } },
    };
    const made = await api.send('POST /v1/projects', { body });
    expect(made.status).toBe(201);
    expect(made.headers['location']).toBe(`/v1/projects/${made.body.id}`);
    expect(made.body).toMatchObject({ ...body, lifecycle: 'registered', online: false, revision: 1 });
    const read = await api.send(`GET /v1/projects/${made.body.id}`);
    expect(read.body).toEqual(made.body);
    expect(read.headers['etag']).toMatch(/^"r1\./);
    expect(JSON.stringify(read.body)).not.toContain('versionCount');
  });

  test('can be deployed at once: it has the default environment production', async () => {
    const id = await makeProject(api);
    const { body } = await api.send(`GET /v1/projects/${id}/environments`);
    expect(body.items).toMatchObject([
      { name: 'production', type: 'production', isDefault: true, concurrency: 'reject', slot: {}, queue: [] },
    ]);
  });

  test('needs a name that nobody has', async () => {
    const name = newName();
    const first = await api.send('POST /v1/projects', { body: { name, target: { kind: 'site' } } });
    const before = await api.items();
    const second = await api.send('POST /v1/projects', { body: { name, target: { kind: 'site' } } });
    expect(second.body).toMatchObject({
      status: 409,
      code: 'ALREADY_EXISTS',
      field: '/name',
      projectId: first.body.id,
    });
    expect(await api.items()).toBe(before);
  });

  test('is made once when fifty ask with one key, and fifty get the same answer', async () => {
    const body = { name: newName(), target: { kind: 'site' } };
    const headers = { 'idempotency-key': 'fifty-at-once' };
    const before = await api.items();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.send('POST /v1/projects', { body, headers })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    // Project, name, environment, answer.
    expect(await api.items()).toBe(before + 4);
  });

  test('is made once when fifty ask for one name with different keys', async () => {
    const body = { name: newName(), target: { kind: 'site' } };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        api.send('POST /v1/projects', { body, headers: { 'idempotency-key': `key-${i}` } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body: { code } }) => code === 'ALREADY_EXISTS')).toHaveLength(49);
  });
});

describe('a patch', () => {
  test('merges field by field, and null removes', async () => {
    const id = await makeProject(api, {
      build: { outputDirectory: 'dist', buildCommand: 'make' },
      configuration: { keep: 1, drop: 2 },
    });
    const answer = await api.send(`PATCH /v1/projects/${id}`, {
      body: { build: { buildCommand: 'npm run build' }, configuration: { drop: null, add: 3 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(answer.body).toMatchObject({
      build: { outputDirectory: 'dist', buildCommand: 'npm run build' },
      revision: 2,
    });
    expect(answer.body).toHaveProperty('configuration', { keep: 1, add: 3 });
    const cleared = await api.send(`PATCH /v1/projects/${id}`, { body: { build: null } });
    expect(cleared.body).not.toHaveProperty('build');
  });

  test('of what the caller has not seen is refused', async () => {
    const id = await makeProject(api);
    const change = (tag: string, parameters: object) =>
      api.send(`PATCH /v1/projects/${id}`, { body: { parameters }, headers: { 'if-match': tag } });
    expect((await change('"r1"', { a: 1 })).status).toBe(200);
    expect((await change('"r1"', { a: 2 })).body).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
      revision: 2,
    });
  });

  test('never takes back what another one wrote at the same time', async () => {
    const id = await makeProject(api);
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((key) =>
        api.send(`PATCH /v1/projects/${id}`, { body: { configuration: { [key]: 1 } } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await api.send(`GET /v1/projects/${id}`);
    expect(body).toMatchObject({ configuration: { a: 1, b: 1, c: 1, d: 1 }, revision: 5 });
  });

  test('and a settlement do not undo each other', async () => {
    const id = await makeProject(api);
    const served = { lifecycle: 'active', online: true, health: 'healthy' } as const;
    const facts = { ...served, currentVersion: 'ver_1', deployedBy: 'ada' };
    const deployedConfiguration = { theme: 'dark' };
    await transact(api.store, [
      projectServes(id, { ...facts, deployedConfiguration }, '2025-01-15T12:00:00.000Z'),
    ]);
    const { body } = await api.send(`PATCH /v1/projects/${id}`, { body: { configuration: { a: 1 } } });
    expect(body).toMatchObject({ ...facts, deployedConfiguration, configuration: { a: 1 }, revision: 3 });
    const list = await api.send(`GET /v1/projects?name=${body.name}`);
    expect(list.body.items).toMatchObject([{ id, ...facts, revision: 3 }]);
    expect(list.body.items[0]).not.toHaveProperty('deployedConfiguration');
  });
});

describe('deleting', () => {
  test('removes the project, its environments and its name', async () => {
    const before = await api.items();
    const name = newName();
    const { body } = await api.send('POST /v1/projects', { body: { name, target: { kind: 'site' } } });
    expect((await api.send(`DELETE /v1/projects/${body.id}`)).status).toBe(204);
    expect(await api.items()).toBe(before);
    expect((await api.send(`GET /v1/projects/${body.id}`)).body.code).toBe('PROJECT_NOT_FOUND');
    expect((await api.send('POST /v1/projects', { body: { name, target: { kind: 'site' } } })).status).toBe(
      201,
    );
  });

  const withSlot = async (state: object) => {
    const id = await makeProject(api);
    const slot = slotItem({ projectId: id, environment: 'production', fence: 1, line: 1, ...state });
    await transact(api.store, [{ put: slot, condition: MUST_NOT_EXIST }]);
    return id;
  };

  test.each([
    [
      'a deployment holds the slot',
      { owner: 'dep_1', since: '2025-01-15T12:00:00.000Z' },
      /Cancel it or wait/,
    ],
    ['a release is live', { active: 'dep_1' }, /leaveReleases=true/],
  ])('is refused with the next step while %s', async (_, state, nextStep) => {
    const id = await withSlot(state);
    const before = await api.items();
    for (const path of [`/v1/projects/${id}`, `/v1/projects/${id}/environments/production`]) {
      const { body } = await api.send(`DELETE ${path}`);
      expect(body).toMatchObject({ status: 409, code: 'INVALID_STATE', deploymentId: 'dep_1' });
      expect(body).toHaveProperty('suggestion', expect.stringMatching(nextStep));
    }
    expect(await api.items()).toBe(before);
  });

  test('leaves a live release online where that was asked for, but never a deployment without its slot', async () => {
    const live = await withSlot({ active: 'dep_1' });
    const busy = await withSlot({ active: 'dep_1', owner: 'dep_2' });
    expect((await api.send(`DELETE /v1/projects/${live}?leaveReleases=true`)).status).toBe(204);
    expect((await api.send(`DELETE /v1/projects/${busy}?leaveReleases=true`)).body.code).toBe(
      'INVALID_STATE',
    );
  });
});

describe('the list of projects', () => {
  test('shows the newest first, page by page, each exactly once', async () => {
    const fresh = await testApi();
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      fresh.store.clock.advance(1);
      made.push(await makeProject(fresh));
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await fresh.send(`GET /v1/projects?limit=2${cursor}`);
      seen.push(...page.body.items.map(({ id }) => id));
      cursor = page.body.nextCursor === undefined ? '' : `&cursor=${page.body.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(made.toReversed());
    const oldest = await fresh.send('GET /v1/projects?order=asc&limit=1');
    expect(oldest.body.items[0]?.id).toBe(made[0]);
  });

  test('takes no cursor of another caller, order or list', async () => {
    await makeProject(api);
    await makeProject(api);
    const { body } = await api.send('GET /v1/projects?limit=1');
    const other = await api.token([{ role: 'admin' }], 'another');
    for (const [path, token] of [
      [`/v1/projects?limit=1&cursor=${body.nextCursor}`, other],
      [`/v1/projects?limit=1&order=asc&cursor=${body.nextCursor}`, api.admin],
      [`/v1/tokens?limit=1&cursor=${body.nextCursor}`, api.admin],
    ] as const) {
      expect((await api.send(`GET ${path}`, { token })).body).toMatchObject({
        status: 400,
        field: '/cursor',
      });
    }
  });

  test('shows a token what its grants name and nothing else', async () => {
    const mine = await makeProject(api);
    const alsoMine = await makeProject(api);
    const hidden = await makeProject(api);
    const token = await api.token([
      { role: 'viewer', projectId: mine },
      { role: 'deployer', projectId: alsoMine, environment: 'production' },
    ]);
    const first = await api.send('GET /v1/projects?limit=1', { token });
    const second = await api.send(`GET /v1/projects?limit=1&cursor=${first.body.nextCursor}`, { token });
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(ids.toSorted()).toEqual([mine, alsoMine].toSorted());
    expect(second.body.nextCursor).toBeUndefined();
    const answers = await Promise.all(
      [hidden, 'prj_01ARZ3NDEKTSV4RRFFQ69G5FAV'].map((id) => api.send(`GET /v1/projects/${id}`, { token })),
    );
    expect(answers.map(({ body }) => body.detail.replace(/prj_\w+/, 'ID'))).toEqual(
      Array(2).fill('The project ID does not exist, or the token may not see it.'),
    );
    expect(new Set(answers.map(({ body }) => Object.keys(body).join())).size).toBe(1);
  });

  test('finds a project by its name', async () => {
    const name = newName();
    const { body } = await api.send('POST /v1/projects', { body: { name, target: { kind: 'site' } } });
    const found = await api.send(`GET /v1/projects?name=${name}`);
    expect(found.body).toMatchObject({ items: [{ id: body.id, name }], filters: { name } });
    expect((await api.send('GET /v1/projects?name=nobody')).body.items).toEqual([]);
    const token = await api.token([{ role: 'viewer', projectId: await makeProject(api) }]);
    expect((await api.send(`GET /v1/projects?name=${name}`, { token })).body.items).toEqual([]);
  });
});
