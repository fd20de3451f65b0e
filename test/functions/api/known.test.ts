import { beforeAll, describe, expect, test } from 'vitest';
import { transact } from '../../../shared/store/engine.ts';
import { deleteProject, requireProject } from '../../../shared/store/projects.ts';
import { deleteToken, verifyToken } from '../../../shared/store/tokens.ts';
import { makeProject, type TestApi, testApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

/** What another process does: nothing of it comes by this one. */
const deletedElsewhere = async (id: string) =>
  transact(api.store, [...deleteProject(await requireProject(api.store, id))]);

describe('what a process has read in the last 30 seconds', () => {
  test('is enough for the lists of a project, and for nothing else', async () => {
    const id = await makeProject(api);
    const versions = () => api.send(`GET /v1/projects/${id}/versions`);
    expect((await versions()).status).toBe(200);
    await deletedElsewhere(id);
    expect(await versions()).toMatchObject({ status: 200, body: { items: [] } });
    expect((await api.send(`GET /v1/projects/${id}`)).status).toBe(404);
    const made = await api.send(`POST /v1/projects/${id}/versions`, {
      body: { source: { type: 'git', ref: 'main' } },
    });
    expect(made.status).toBe(404);
    expect((await api.send('POST /v1/deployments', { body: { projectId: id } })).status).toBe(404);
    api.store.clock.advance(30_000);
    expect((await versions()).status).toBe(404);
  });

  test('never opens anything: a token that is taken back is refused with its next request', async () => {
    const id = await makeProject(api);
    const token = await api.token([{ role: 'viewer', projectId: id }]);
    const versions = () => api.send(`GET /v1/projects/${id}/versions`, { token });
    expect((await versions()).status).toBe(200);
    const { tokenId } = await verifyToken(api.store, token);
    await deleteToken(api.store, tokenId);
    expect((await versions()).status).toBe(401);
    const other = await api.token([{ role: 'viewer', projectId: await makeProject(api) }]);
    expect((await api.send(`GET /v1/projects/${id}/versions`, { token: other })).status).toBe(404);
  });
});

test('a definition that was changed looks changed at once', async () => {
  const id = await makeProject(api);
  const environment = () => api.send(`GET /v1/projects/${id}/environments/production`);
  await environment();
  await api.send(`PATCH /v1/projects/${id}/environments/production`, { body: { concurrency: 'queue' } });
  expect((await environment()).body).toMatchObject({ concurrency: 'queue' });
});
