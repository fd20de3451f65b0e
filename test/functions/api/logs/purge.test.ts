import { beforeEach, describe, expect, test } from 'vitest';
import { deploymentView } from '../../../../shared/contracts/deployments.ts';
import { logPage, purgeAnswer } from '../../../../shared/contracts/logs.ts';
import type { Deployment } from '../../../../shared/domain/records.ts';
import { carryOutPurges } from '../../../../shared/platform/log-purging.ts';
import { changeWith, requireDeployment } from '../../../../shared/store/deployments.ts';
import { appendLines } from '../../../../shared/store/log-chain.ts';
import { numbered } from '../../../shared/store/log-chain/lines.ts';
import { givenDeployment, givenProject } from '../../../support/given.ts';
import { type TestApi, testApi } from '../support.ts';

let api: TestApi;
let deployment: Deployment;
beforeEach(async () => {
  api = await testApi();
  deployment = await givenDeployment(api.store, await givenProject(api.store));
  const lines = numbered(0, 20).map((line, i) => (i === 4 ? { ...line, message: 'token hunter2' } : line));
  await appendLines(api.store, deployment.id, 'build.0', 0, lines);
});

const path = (query = '') => `/v1/deployments/${deployment.id}/logs${query}`;
const purge = (body: unknown, more = {}) => api.send(`POST ${path('/purge')}`, { body, ...more });
const wish = { from: 5, to: 5, reason: 'a token was printed' };
const items = async (query = '') => logPage.parse((await api.send(`GET ${path(query)}`)).body).items;

describe('POST /deployments/{id}/logs/purge', () => {
  test('is kept on the record with who, when and why, and nobody reads the lines from then on', async () => {
    const { status, body } = await purge(wish);
    expect(status).toBe(202);
    const { doneAt, ...answer } = purgeAnswer.parse(body);
    expect(answer).toEqual({
      ...wish,
      by: 'root',
      at: new Date(api.store.clock.now()).toISOString(),
      deploymentId: deployment.id,
    });
    expect(doneAt).toBeUndefined();
    const lines = await items();
    expect(lines[4]).toMatchObject({
      n: 5,
      message: '[purged]',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(lines[5]).not.toHaveProperty('digest');
    expect(await items('?search=hunter2')).toEqual([]);
    expect(await items('?search=purged')).toEqual([]);
    const list = await api.send('GET /v1/deployments?includeLogs=true');
    expect(JSON.stringify(list.body)).not.toContain('hunter2');
    expect(JSON.stringify(list.body)).toContain('build 5');
    // The service's own log says who did it, and not what they said.
    expect(JSON.stringify(api.lines)).toContain('Lines of a log are purged.');
    expect(JSON.stringify(api.lines)).not.toContain('hunter2');
  });

  test('is told as done once no copy is left', async () => {
    await purge(wish);
    const objects = (await api.deps.artifacts()).objects;
    await carryOutPurges(api.store, objects, await requireDeployment(api.store, deployment.id));
    const { body } = await api.send(`GET /v1/deployments/${deployment.id}`);
    expect(deploymentView.parse(body).purges).toMatchObject([
      { from: 5, to: 5, by: 'root', doneAt: expect.any(String) },
    ]);
    expect((await items())[4]).toMatchObject({ message: '[purged]' });
  });

  test('ends at the last line there is: what is to come is not purged unseen', async () => {
    expect((await purge({ ...wish, to: 999_999_999 })).body).toMatchObject({ from: 5, to: 20 });
    expect(await purge({ ...wish, from: 21, to: 30 })).toMatchObject({
      status: 400,
      body: { field: '/from', code: 'VALIDATION_FAILED' },
    });
  });

  test('may be sent again while it is open, and is one purge', async () => {
    await purge(wish);
    await purge(wish);
    expect((await requireDeployment(api.store, deployment.id)).purges).toHaveLength(1);
    await purge({ ...wish, reason: 'another' });
    expect((await requireDeployment(api.store, deployment.id)).purges).toHaveLength(2);
  });

  test('is for admins of the place; who may not see the deployment does not learn of it', async () => {
    const { projectId, environment } = deployment;
    const approver = await api.token([{ role: 'approver', projectId, environment }]);
    expect(await purge(wish, { token: approver })).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_DENIED' },
    });
    const stranger = await api.token([{ role: 'admin', projectId: 'prj_01JHN0000000000000000000ZZ' }]);
    expect(await purge(wish, { token: stranger })).toMatchObject({
      status: 404,
      body: { code: 'DEPLOYMENT_NOT_FOUND' },
    });
    const admin = await api.token([{ role: 'admin', projectId, environment }], 'ann');
    expect(await purge(wish, { token: admin })).toMatchObject({ status: 202, body: { by: 'ann' } });
  });

  test.each([
    [{ ...wish, from: 0 }, '/from'],
    [{ ...wish, from: 1.5 }, '/from'],
    [{ ...wish, to: 4 }, '/to'],
    [{ from: 1, to: 2 }, '/reason'],
    [{ ...wish, reason: '   ' }, '/reason'],
    [{ ...wish, reason: 'x'.repeat(501) }, '/reason'],
    [{ ...wish, everything: true }, '/everything'],
  ])('refuses %j by the name of the field', async (body, field) => {
    expect(await purge(body)).toMatchObject({ status: 400, body: { field } });
    expect((await requireDeployment(api.store, deployment.id)).purges).toBeUndefined();
  });

  test('is refused beyond what a record holds, with what to do instead', async () => {
    const one = {
      ...wish,
      by: 'ann',
      at: '2025-01-01T00:00:00.000Z',
      rewrittenAt: '2025-01-01T00:00:01.000Z',
    };
    await changeWith(api.store, deployment.id, () => ({ purges: Array.from({ length: 50 }, () => one) }));
    expect(await purge({ ...wish, from: 6, to: 6 })).toMatchObject({
      status: 409,
      body: { code: 'INVALID_STATE', suggestion: expect.stringContaining('one range') },
    });
  });
});
