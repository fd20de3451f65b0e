import { beforeAll, describe, expect, test } from 'vitest';
import { getDeployment } from '../../../shared/store/deployments.ts';
import { makeProject, type TestApi, testApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const inHours = (hours: number) => new Date(api.store.clock.now() + hours * 3_600_000).toISOString();
const body = () => ({ from: inHours(1), to: inHours(3), reason: 'The auditors are here.' });

describe('a freeze', () => {
  test('is made, shown with when it holds, listed and deleted', async () => {
    const made = await api.send('POST /v1/freezes', { body: body() });
    expect(made.status).toBe(201);
    expect(made.headers['location']).toBe(`/v1/freezes/${made.body.id}`);
    expect(made.body).toMatchObject({ active: false, scope: {}, timezone: 'UTC', createdBy: 'root' });
    const weekly = { ...body(), rrule: 'FREQ=WEEKLY;BYDAY=SA,SU', timezone: 'Asia/Tokyo' };
    expect((await api.send('POST /v1/freezes', { body: weekly })).body).toMatchObject({
      rrule: weekly.rrule,
    });
    const { items } = (await api.send('GET /v1/freezes?limit=1')).body;
    expect(items).toHaveLength(1);
    expect((await api.send(`DELETE /v1/freezes/${made.body.id}`)).status).toBe(204);
    expect((await api.send(`DELETE /v1/freezes/${made.body.id}`)).body.code).toBe('FREEZE_NOT_FOUND');
  });

  test.each([
    ['that ends before it begins', { to: '2020-01-01T00:00:00.000Z' }, '/to'],
    ['that is over', { from: '2020-01-01T00:00:00.000Z', to: '2020-01-02T00:00:00.000Z' }, '/to'],
    ['that lasts two years', { to: '2029-01-01T00:00:00.000Z' }, '/to'],
    ['without a reason', { reason: ' ' }, '/reason'],
    ['in an unknown time zone', { timezone: 'Mars/Olympus' }, '/timezone'],
    ['with a rule that is none', { rrule: 'FREQ=NEVER' }, '/rrule'],
    ['with a rule for every second', { rrule: 'FREQ=SECONDLY' }, '/rrule'],
    ['with a rule that never comes', { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, '/rrule'],
    ['with a rule that has ended', { rrule: 'FREQ=DAILY;UNTIL=20200101T000000Z' }, '/rrule'],
    ['with a rule of unknown parts', { rrule: 'FREQ=DAILY;BYMOON=1' }, '/rrule'],
    ['for a type that there is not', { scope: { environmentTypes: ['prod'] } }, '/scope/environmentTypes/0'],
    ['with a field that there is not', { until: 'tomorrow' }, '/until'],
  ])('%s is refused at its field, and nothing is written', async (_, wrong, field) => {
    const before = await api.items();
    const answer = await api.send('POST /v1/freezes', { body: { ...body(), ...wrong } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    expect(answer.body.errors?.map((error) => error.field)).toContain(field);
    expect(await api.items()).toBe(before);
  });

  test('of a project is made by its admin, and unseen by those of others', async () => {
    const projectId = await makeProject(api);
    const other = await makeProject(api);
    const scope = { projectId };
    const admin = await api.token([{ role: 'admin', projectId }]);
    const stranger = await api.token([{ role: 'admin', projectId: other }]);
    const made = await api.send('POST /v1/freezes', { body: { ...body(), scope }, token: admin });
    expect(made.status).toBe(201);
    const seenBy = async (token: string) =>
      (await api.send('GET /v1/freezes?limit=100', { token })).body.items.map(({ id }) => id);
    expect(await seenBy(admin)).toContain(made.body.id);
    expect(await seenBy(stranger)).not.toContain(made.body.id);
    const path = `/v1/freezes/${made.body.id}`;
    expect((await api.send(`DELETE ${path}`, { token: stranger })).body.code).toBe('FREEZE_NOT_FOUND');
    const tries = [
      [{ ...body(), scope }, stranger, 'PROJECT_NOT_FOUND'],
      [body(), admin, 'PERMISSION_DENIED'],
      [{ ...body(), scope }, await api.token([{ role: 'deployer', projectId }]), 'PERMISSION_DENIED'],
    ] as const;
    for (const [sent, token, code] of tries) {
      expect((await api.send('POST /v1/freezes', { body: sent, token })).body.code).toBe(code);
    }
  });
});

describe('an override', () => {
  const start = async () => {
    const projectId = await makeProject(api);
    const source = { type: 'branch', ref: 'main' };
    const repository = { url: 'https://git.example.com/shop.git' };
    await api.send(`PATCH /v1/projects/${projectId}`, { body: { repository } });
    const started = await api.send('POST /v1/deployments', { body: { projectId, source } });
    expect(started.status).toBe(202);
    return started.body.id;
  };

  test('stands on the record with who and why, once, and wakes the gate', async () => {
    const freeze = (await api.send('POST /v1/freezes', { body: body() })).body.id;
    const deploymentId = await start();
    const sent = { body: { deploymentId, reason: 'A fix for the outage.' } };
    const first = await api.send(`POST /v1/freezes/${freeze}/override`, sent);
    expect(first).toMatchObject({ status: 202, body: { by: 'root', reason: 'A fix for the outage.' } });
    const again = await api.send(`POST /v1/freezes/${freeze}/override`, sent);
    expect(again.body).toEqual(first.body);
    const record = await getDeployment(api.store, deploymentId);
    expect(record?.freezeOverrides).toHaveLength(1);
    expect(record?.wake).toBe(1);
  });

  test('of nothing is refused: no freeze, no deployment, none that still waits, no reason, no admin', async () => {
    const freeze = (await api.send('POST /v1/freezes', { body: body() })).body.id;
    const deploymentId = await start();
    const path = `POST /v1/freezes/${freeze}/override`;
    const unknown = deploymentId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const reason = 'why not';
    const code = async (request: string, sent: object, token?: string) =>
      (await api.send(request, { body: sent, ...(token === undefined ? {} : { token }) })).body.code;
    const gone = `POST /v1/freezes/${freeze.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}/override`;
    expect(await code(gone, { deploymentId, reason })).toBe('FREEZE_NOT_FOUND');
    expect(await code(path, { deploymentId: unknown, reason })).toBe('DEPLOYMENT_NOT_FOUND');
    expect(await code(path, { deploymentId })).toBe('VALIDATION_FAILED');
    const deployer = await api.token([{ role: 'deployer' }]);
    expect(await code(path, { deploymentId, reason }, deployer)).toBe('PERMISSION_DENIED');
  });
});
