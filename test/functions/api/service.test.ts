import { describe, expect, test } from 'vitest';
import { routesFor } from '../../../functions/api/groups.ts';
import { checkParts } from '../../../functions/api/health/check.ts';
import type { Part } from '../../../functions/api/health/parts.ts';
import { partsOf } from '../../../functions/api/health/parts.ts';
import { apiRoutes } from '../../../functions/api/routes.ts';
import { waitingRoutes } from '../../../functions/reads/waiting-routes.ts';
import { HTTP_STATUS } from '../../../shared/errors/codes.ts';
import { recordingLog, testApi } from './support.ts';

const well = (name: string): Part => ({ name, check: async () => {} });
const broken: Part = {
  name: 'events',
  check: async () => {
    throw new Error('arn:aws:secret-detail');
  },
};

describe('health', () => {
  test('is ok while every part is, and open to everybody', async () => {
    const api = await testApi({ parts: [well('records'), well('live')] });
    const { status, body } = await api.send('GET /v1/health', { token: null });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'ok',
      parts: [
        { name: 'records', status: 'ok' },
        { name: 'live', status: 'ok' },
      ],
    });
  });

  test('is 503 while one part is down; why stays in the log', async () => {
    const api = await testApi({ parts: [well('records'), broken] });
    const { status, body } = await api.send('GET /v1/health', { token: null });
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'down',
      parts: [{ status: 'ok' }, { name: 'events', status: 'down' }],
    });
    expect(JSON.stringify(body)).not.toContain('secret-detail');
    expect(api.lines.find(({ level }) => level === 'error')?.facts).toMatchObject({ part: 'events' });
  });

  test('asks its parts once in five seconds, however many ask for it', async () => {
    let asked = 0;
    const counted: Part = {
      name: 'records',
      check: async () => {
        asked += 1;
      },
    };
    const api = await testApi({ parts: [counted] });
    const ask = () => api.send('GET /v1/health', { token: null });
    await Promise.all(Array.from({ length: 20 }, ask));
    expect(asked).toBe(1);
    api.store.clock.advance(5000);
    expect((await ask()).status).toBe(200);
    expect(asked).toBe(2);
  });

  test('a part that never answers is down when its time is up', async () => {
    const endless: Part = { name: 'endless', check: () => new Promise(() => {}) };
    const [part] = await checkParts([endless], () => 0, recordingLog([], {}), 20);
    expect(part).toMatchObject({ name: 'endless', status: 'down' });
  });

  test('asks both tables, both buckets, the bus and the machines', async () => {
    const { store } = await testApi();
    const env = {
      RECORDS_TABLE: store.recordsTable,
      LIVE_TABLE: store.liveTable,
      SERVICE_NAME: 'test',
      LOG_LEVEL: 'INFO',
      ARTIFACTS_BUCKET: 'a',
      SECRETS_BUCKET: 's',
      DEPLOY_MACHINE_ARN: 'm',
      ROLLBACK_MACHINE_ARN: 'r',
      WEBSOCKET_URL: 'w',
      EVENT_BUS_NAME: 'b',
      CURSOR_KEY: 'k',
      DEFAULT_RUNNER: 'agent',
      PRIVATE_HOSTS: '[]',
      OIDC_ISSUERS: '[]',
      SCHEDULE_GROUP: 'g',
      SCHEDULE_ROLE: 'o',
      DUE_FUNCTION: 'd',
    } as const;
    const parts = partsOf(store, env);
    expect(parts.map(({ name }) => name)).toEqual([
      'records',
      'live',
      'artifacts',
      'secrets',
      'events',
      'deployMachine',
      'rollbackMachine',
    ]);
    const tables = await checkParts(parts.slice(0, 2), () => 0, recordingLog([], {}));
    expect(tables.map(({ status }) => status)).toEqual(['ok', 'ok']);
    const gone = partsOf({ ...store, recordsTable: 'no-such-table' }, env).slice(0, 1);
    expect(await checkParts(gone, () => 0, recordingLog([], {}))).toMatchObject([{ status: 'down' }]);
  });
});

describe('the OpenAPI document', () => {
  test('describes every route that is served, with its parameters, body and codes', async () => {
    const api = await testApi();
    const { status, body } = await api.send('GET /v1/openapi.json', { token: null });
    expect(status).toBe(200);
    expect(body).toHaveProperty('openapi', '3.1.0');
    const served = [...apiRoutes, ...waitingRoutes];
    for (const { method, path } of served) {
      expect(body.paths[path]).toHaveProperty(method.toLowerCase());
    }
    const documented = Object.values(body.paths).flatMap((path) => Object.keys(path ?? {}));
    expect(documented).toHaveLength(served.length);
    expect(body.paths['/v1/projects']).toMatchObject({
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object', required: ['name', 'target'], additionalProperties: false },
            },
          },
        },
        responses: {
          201: { content: { 'application/json': { schema: { type: 'object' } } } },
          409: { description: 'ALREADY_EXISTS' },
        },
      },
    });
    expect(body.paths['/v1/projects/{projectId}']).toMatchObject({
      get: { parameters: [{ name: 'projectId', in: 'path', required: true, schema: { type: 'string' } }] },
    });
  });

  test('lists the closed set of codes', async () => {
    const api = await testApi();
    const { body } = await api.send('GET /v1/openapi.json', { token: null });
    expect(body).toHaveProperty('components.schemas.Problem.properties.code.enum', Object.keys(HTTP_STATUS));
  });
});

test('the kinds of target are told with what each can do', async () => {
  const api = await testApi();
  const { body } = await api.send('GET /v1/targets');
  expect(body.items).toMatchObject([
    { kind: 'site', capabilities: { staging: true } },
    { kind: 'custom', capabilities: { logs: true } },
  ]);
});

test('no two routes answer the same request', () => {
  const shapes = apiRoutes.map(({ method, path }) => `${method} ${path.replaceAll(/\{[^}]+\}/g, '{}')}`);
  expect(new Set(shapes).size).toBe(shapes.length);
});

test('every route is in the group that its path leads to, also where an id is the name of a group', async () => {
  for (const { method, path } of apiRoutes) {
    const filled = path.replaceAll(/\{[^}]+\}/g, 'logs');
    const found = (await routesFor(filled)).filter((route) => route.method === method && route.path === path);
    expect(found, `${method} ${path}`).toHaveLength(1);
  }
});

test('a path that nobody has leads to no group', async () => {
  expect(await routesFor('/v1/nothing/projects')).toEqual([]);
  expect(await routesFor('/')).toEqual([]);
});
