import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { objectsOf } from '../../../shared/platform/objects.ts';
import { secretKey } from '../../../shared/platform/secret-values.ts';
import { getEnvironment } from '../../../shared/store/environments.ts';
import { makeProject, type TestApi, testApi } from './support.ts';

let api: TestApi;
let project: string;
let environments: string;
beforeAll(async () => {
  api = await testApi();
  project = await makeProject(api);
  environments = `/v1/projects/${project}/environments`;
});

describe('environments', () => {
  test('are made with the defaults of the contract and listed by name', async () => {
    const made = await api.send(`POST ${environments}`, {
      body: { name: 'staging', type: 'staging', timeouts: { buildSeconds: 600 } },
    });
    expect(made.status).toBe(201);
    expect(made.headers['location']).toBe(`${environments}/staging`);
    expect(made.body).toMatchObject({
      isDefault: false,
      concurrency: 'reject',
      rollbackOnFailure: true,
      configuration: {},
      timeouts: { buildSeconds: 600 },
      slot: {},
      queue: [],
    });
    expect((await api.send(`GET ${environments}/staging`)).body).toEqual(made.body);
    const { body } = await api.send(`GET ${environments}`);
    expect(body.items.map(({ name }) => name)).toEqual(['production', 'staging']);
  });

  test('say how long lines of logs stay in the database: a week at the least', async () => {
    const path = `${environments}/kept`;
    const body = { name: 'kept', type: 'testing', retention: { logDays: 90 } };
    expect(await api.send(`POST ${environments}`, { body })).toMatchObject({
      status: 201,
      body: { retention: { logDays: 90 } },
    });
    const patch = (retention: unknown) => api.send(`PATCH ${path}`, { body: { retention } });
    expect(await patch({ logDays: 400 })).toMatchObject({
      status: 200,
      body: { retention: { logDays: 400 } },
    });
    for (const logDays of [6, 401, 30.5, '30']) {
      expect(await patch({ logDays })).toMatchObject({ status: 400, body: { field: '/retention/logDays' } });
    }
    expect((await api.send(`GET ${path}`)).body).toMatchObject({ retention: { logDays: 400 } });
    expect((await patch(null)).body).not.toHaveProperty('retention');
    expect((await api.send(`GET ${path}`)).body).not.toHaveProperty('retention');
  });

  test('have exactly one default, also when two are made the default at once', async () => {
    const id = await makeProject(api);
    const path = `/v1/projects/${id}/environments`;
    const make = (name: string, isDefault: boolean) =>
      api.send(`POST ${path}`, { body: { name, type: 'staging', isDefault } });
    const answers = await Promise.all([make('a', true), make('b', true), make('c', false)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const defaults = async () => {
      const { items } = (await api.send(`GET ${path}`)).body;
      // The list's own view is what is under test: it names the default.
      return items.filter((item) => 'isDefault' in item && item.isDefault === true).map(({ name }) => name);
    };
    expect(await defaults()).toHaveLength(1);
    await api.send(`PATCH ${path}/c`, { body: { isDefault: true } });
    expect(await defaults()).toEqual(['c']);
  });

  test('can be deleted, the default one only as the last', async () => {
    const id = await makeProject(api);
    const path = `/v1/projects/${id}/environments`;
    await api.send(`POST ${path}`, { body: { name: 'extra', type: 'testing' } });
    expect((await api.send(`DELETE ${path}/production`)).body).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
    });
    expect((await api.send(`DELETE ${path}/extra`)).status).toBe(204);
    expect((await api.send(`DELETE ${path}/production`)).status).toBe(204);
    expect((await api.send(`GET ${path}`)).body.items).toEqual([]);
  });

  test('say from which ones they are promoted, and are deleted once nobody is promoted from them', async () => {
    const path = `/v1/projects/${await makeProject(api)}/environments`;
    await api.send(`POST ${path}`, { body: { name: 'staging', type: 'staging' } });
    const body = { promoteFrom: ['staging'] };
    expect((await api.send(`PATCH ${path}/production`, { body })).body).toMatchObject(body);
    const refused = await api.send(`DELETE ${path}/staging`);
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
      detail: 'The environment production is promoted from staging.',
    });
    const cleared = await api.send(`PATCH ${path}/production`, { body: { promoteFrom: null } });
    expect(cleared.body).not.toHaveProperty('promoteFrom');
    expect((await api.send(`DELETE ${path}/staging`)).status).toBe(204);
  });

  test('become the default and are promoted from the one that was, in one change', async () => {
    const path = `/v1/projects/${await makeProject(api)}/environments`;
    const body = { name: 'live', type: 'production', isDefault: true, promoteFrom: ['production'] };
    expect((await api.send(`POST ${path}`, { body })).status).toBe(201);
    expect((await api.send(`GET ${path}/production`)).body).toMatchObject({ isDefault: false });
  });

  test.each([
    ['itself', ['production'], '/promoteFrom/0', 'INVALID_VALUE'],
    ['one that is not there', ['staging', 'qa'], '/promoteFrom/1', 'UNKNOWN_ENVIRONMENT'],
    ['one twice', ['staging', 'staging'], '/promoteFrom', 'INVALID_VALUE'],
    ['what is promoted from it', ['staging', 'last'], '/promoteFrom/1', 'CIRCLE'],
  ])('are not promoted from %s', async (_, promoteFrom, field, code) => {
    const path = `/v1/projects/${await makeProject(api)}/environments`;
    await api.send(`POST ${path}`, { body: { name: 'staging', type: 'staging' } });
    const last = { name: 'last', type: 'testing', promoteFrom: ['production'] };
    await api.send(`POST ${path}`, { body: last });
    const { status, body } = await api.send(`PATCH ${path}/production`, { body: { promoteFrom } });
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ field, code }] } });
    expect((await api.send(`GET ${path}/production`)).body).not.toHaveProperty('promoteFrom');
  });

  test('never close a circle, however two changes meet', async () => {
    const path = `/v1/projects/${await makeProject(api)}/environments`;
    await api.send(`POST ${path}`, { body: { name: 'staging', type: 'staging' } });
    for (let n = 0; n < 5; n += 1) {
      const answers = await Promise.all([
        api.send(`PATCH ${path}/production`, { body: { promoteFrom: ['staging'] } }),
        api.send(`PATCH ${path}/staging`, { body: { promoteFrom: ['production'] } }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      for (const name of ['production', 'staging'])
        await api.send(`PATCH ${path}/${name}`, { body: { promoteFrom: null } });
    }
  });

  test('are not changed by who has not seen what they are now', async () => {
    const path = `/v1/projects/${await makeProject(api)}/environments/production`;
    const seen = (await api.send(`GET ${path}`)).headers['etag'] ?? '';
    const change = (tag: string, concurrency: string) =>
      api.send(`PATCH ${path}`, { body: { concurrency }, headers: { 'if-match': tag } });
    const changed = await change(seen, 'queue');
    expect(changed.status).toBe(200);
    expect((await change(seen, 'supersede')).body).toMatchObject({
      code: 'INVALID_STATE',
      field: '/If-Match',
    });
    expect((await change(changed.headers['etag'] ?? '', 'supersede')).status).toBe(200);
  });

  test('are not promoted from one that is deleted in the same moment', async () => {
    const path = `/v1/projects/${await makeProject(api)}/environments`;
    for (let n = 0; n < 5; n += 1) {
      const name = `old-${n}`;
      await api.send(`POST ${path}`, { body: { name, type: 'staging' } });
      const [changed, deleted] = await Promise.all([
        api.send(`PATCH ${path}/production`, { body: { promoteFrom: [name] } }),
        api.send(`DELETE ${path}/${name}`),
      ]);
      expect([changed?.status, deleted?.status]).toSatisfy((found: number[]) =>
        found[0] === 200 ? found[1] === 409 : found[0] === 400 && found[1] === 204,
      );
      await api.send(`PATCH ${path}/production`, { body: { promoteFrom: null } });
    }
  });

  test('are shown to a token only where it may see them', async () => {
    await api.send(`POST ${environments}`, { body: { name: 'hidden', type: 'testing' } });
    const token = await api.token([{ role: 'viewer', projectId: project, environment: 'production' }]);
    const { body } = await api.send(`GET ${environments}`, { token });
    expect(body.items.map(({ name }) => name)).toEqual(['production']);
    const hidden = await api.send(`GET ${environments}/hidden`, { token });
    const absent = await api.send(`GET ${environments}/absent`, { token });
    expect(hidden.body.detail.replace('hidden', 'X')).toBe(absent.body.detail.replace('absent', 'X'));
  });
});

describe('variables', () => {
  const variable = (key: string) => `${environments}/production/variables/${key}`;
  const put = (key: string, body: object) => api.send(`PUT ${variable(key)}`, { body });
  /** As those read it who may: by the name of the value's object. */
  const storedValue = async (key: string, revision: number) => {
    const secrets = objectsOf(api.buckets.secrets, api.s3);
    const bytes = await secrets.read(secretKey(project, 'production', key, revision));
    return Buffer.from(bytes ?? []).toString('utf8');
  };

  test('a plain one comes back with its value and a revision that rises', async () => {
    const first = await put('COLOUR', { value: 'blue' });
    expect(first.body).toMatchObject({
      key: 'COLOUR',
      value: 'blue',
      sensitive: false,
      use: 'both',
      updatedBy: 'root',
    });
    const same = await put('COLOUR', { value: 'blue' });
    expect(same.body.revision).toBe(first.body.revision);
    const second = await put('COLOUR', { value: 'red', use: 'build' });
    expect(second.body.revision).toBeGreaterThan(first.body.revision);
  });

  test('a sensitive value goes to the store of secrets and never comes back', async () => {
    const value = 'hunter2-is-not-a-password';
    const first = await put('API_KEY', { value, sensitive: true });
    const second = await put('API_KEY', { value: `${value}-2`, sensitive: true });
    const environment = await getEnvironment(api.store, project, 'production');
    const answers = [
      first,
      second,
      await api.send(`GET ${environments}/production/variables`),
      await api.send(`GET ${environments}/production`),
    ];
    expect(JSON.stringify([answers, environment, api.lines])).not.toContain('hunter2');
    expect(first.body).not.toHaveProperty('value');
    expect(await storedValue('API_KEY', first.body.revision)).toBe(value);
    expect(await storedValue('API_KEY', second.body.revision)).toBe(`${value}-2`);
  });

  test('a revision that a dead writer left behind is skipped, never rewritten', async () => {
    const environment = await getEnvironment(api.store, project, 'production');
    const left = (environment?.revision ?? 0) + 1;
    const address = { projectId: project, environment: 'production', key: 'LEFT', revision: left };
    await (await api.deps.secrets()).put(address, 'left behind');
    const { body } = await put('LEFT', { value: 'new', sensitive: true });
    expect(body.revision).toBeGreaterThan(left);
    expect(await storedValue('LEFT', left)).toBe('left behind');
  });

  test('ten set at once are all set, each under a revision of its own', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => `CROWD_${i}`);
    const answers = await Promise.all(
      keys.map((key) => put(key, { value: key, sensitive: key.endsWith('5') })),
    );
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    const { body } = await api.send(`GET ${environments}/production/variables`);
    expect(body.items).toEqual(expect.arrayContaining(keys.map((key) => expect.objectContaining({ key }))));
  });

  test('one that is deleted is gone, and its earlier values stay for what froze them', async () => {
    const { body } = await put('SHORT_LIVED', { value: 'v1', sensitive: true });
    expect((await api.send(`DELETE ${variable('SHORT_LIVED')}`)).status).toBe(204);
    expect((await api.send(`DELETE ${variable('SHORT_LIVED')}`)).body.code).toBe('VARIABLE_NOT_FOUND');
    expect(await storedValue('SHORT_LIVED', body.revision)).toBe('v1');
  });

  test('values together have a limit', async () => {
    const id = await makeProject(api);
    const path = `/v1/projects/${id}/environments/production/variables`;
    const value = 'x'.repeat(4096);
    for (let i = 0; i < 16; i += 1) {
      expect((await api.send(`PUT ${path}/V${i}`, { body: { value } })).status).toBe(200);
    }
    expect((await api.send(`PUT ${path}/V16`, { body: { value } })).body).toMatchObject({
      status: 400,
      field: '/value',
    });
  });

  test('of a deleted project leave nothing in the store of secrets', async () => {
    const id = await makeProject(api);
    const path = `/v1/projects/${id}/environments/production/variables/KEY`;
    await api.send(`PUT ${path}`, { body: { value: 'secret', sensitive: true } });
    expect((await api.send(`DELETE /v1/projects/${id}`)).status).toBe(204);
    const left = await api.s3.send(
      new ListObjectsV2Command({ Bucket: api.buckets.secrets, Prefix: `secrets/${id}/` }),
    );
    expect(left.KeyCount ?? 0).toBe(0);
  });

  test('can be read by a viewer and set by a deployer', async () => {
    const viewer = await api.token([{ role: 'viewer', projectId: project }]);
    const deployer = await api.token([{ role: 'deployer', projectId: project, environment: 'production' }]);
    expect((await api.send(`GET ${environments}/production/variables`, { token: viewer })).status).toBe(200);
    const set = (token: string) => api.send(`PUT ${variable('ROLE')}`, { token, body: { value: 'x' } });
    expect((await set(viewer)).body.code).toBe('PERMISSION_DENIED');
    expect((await set(deployer)).status).toBe(200);
  });
});
