import { beforeAll, describe, expect, test } from 'vitest';
import { environmentView } from '../../../../shared/contracts/environments.ts';
import { deploymentError } from '../../../../shared/domain/deployment-errors.ts';
import type { Concurrency } from '../../../../shared/domain/records.ts';
import { requireDeployment } from '../../../../shared/store/deployments.ts';
import { transact } from '../../../../shared/store/engine.ts';
import { joinLine } from '../../../../shared/store/line.ts';
import { settle } from '../../../../shared/store/settlement.ts';
import { rewriteSlot, slotWithLine } from '../../../../shared/store/slot.ts';
import { type DeploymentsApi, deploymentIn, deploymentsApi, gitProject, start } from './support.ts';

let api: DeploymentsApi;
beforeAll(async () => {
  api = await deploymentsApi();
});

/** A project whose default environment has this policy. */
async function projectWith(concurrency: Concurrency, settings: object = { startsPerMinute: 1000 }) {
  const projectId = await gitProject(api, { settings });
  const path = `/v1/projects/${projectId}/environments/production`;
  const changed = await api.send(`PATCH ${path}`, { body: { concurrency } });
  expect(changed.status).toBe(200);
  return { projectId, path };
}

const environmentAt = async (path: string) => environmentView.parse((await api.send(`GET ${path}`)).body);
const thirty = (projectId: string) =>
  Promise.all(Array.from({ length: 30 }, () => start(api, { projectId })));

describe('thirty starts at once', () => {
  test('under `queue`: one has the slot, the others stand at the positions 1 to 29', async () => {
    const { projectId, path } = await projectWith('queue');
    const answers = await thirty(projectId);
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(202));
    const all = answers.map(deploymentIn);
    const { slot, queue } = await environmentAt(path);
    expect(all.filter(({ status }) => status === 'created').map(({ id }) => id)).toEqual([slot.owner]);
    const waiting = all.filter(({ status }) => status === 'queued');
    expect(waiting.map(({ id }) => id).sort()).toEqual([...queue].sort());

    const shown = await Promise.all(
      queue.map(async (id) => deploymentIn(await api.send(`GET /v1/deployments/${id}`))),
    );
    expect(shown.map((one) => one.queue?.position)).toEqual(Array.from({ length: 29 }, (_, i) => i + 1));
    expect(shown.map((one) => one.queue?.behind)).toEqual([slot.owner, ...queue.slice(0, -1)]);
  });

  test('under `supersede`: one has the slot, the newest waits, and the others are on their way out', async () => {
    const { projectId, path } = await projectWith('supersede');
    const answers = await thirty(projectId);
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(202));
    const { slot, queue } = await environmentAt(path);
    expect(queue).toHaveLength(1);
    const records = await Promise.all(
      answers.map(async (answer) => requireDeployment(api.store, deploymentIn(answer).id)),
    );
    const newest = records.reduce((a, b) => ((a.ticket ?? 0) > (b.ticket ?? 0) ? a : b));
    expect(queue).toEqual([newest.id]);
    for (const record of records) {
      const stays = record.id === slot.owner || record.id === newest.id;
      expect(record.cancelRequested?.code).toBe(stays ? undefined : 'SUPERSEDED');
    }
  });

  test('under `reject`: one has the slot, the others are refused with its id', async () => {
    const { projectId, path } = await projectWith('reject');
    const answers = await thirty(projectId);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    const { slot, queue } = await environmentAt(path);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(29);
    for (const { body } of refused)
      expect(body).toMatchObject({ code: 'ALREADY_RUNNING', deploymentId: slot.owner });
    expect(queue).toEqual([]);
  });
});

describe('the line', () => {
  test('is bounded: what finds it full is refused and leaves nothing behind', async () => {
    const { projectId, path } = await projectWith('queue');
    for (let n = 0; n < 51; n += 1) expect((await start(api, { projectId })).status).toBe(202);
    const before = await api.items();
    const refused = await start(api, { projectId });
    expect(refused).toMatchObject({ status: 409, body: { code: 'ALREADY_RUNNING' } });
    expect(await api.items()).toBe(before);
    expect((await environmentAt(path)).queue).toHaveLength(50);
  });

  test('moves without a change of who stands in it, so a tag that is good for one place is none for the next', async () => {
    const { projectId } = await projectWith('queue');
    const owner = deploymentIn(await start(api, { projectId }));
    await start(api, { projectId });
    const { id } = deploymentIn(await start(api, { projectId }));
    const ask = (headers = {}) => api.send(`GET /v1/deployments/${id}`, { headers });
    const before = await ask();
    expect(before.body).toMatchObject({ queue: { position: 2 }, revision: 1 });
    const known = { 'if-none-match': before.headers['etag'] ?? '' };
    expect((await ask(known)).status).toBe(304);
    await settle(
      api.store,
      { deployment: await requireDeployment(api.store, owner.id) },
      { status: 'canceled', releaseState: 'none', active: 'same', draining: false },
    );
    const after = await ask(known);
    expect(after).toMatchObject({ status: 200, body: { queue: { position: 1 }, revision: 1 } });
  });

  test('a repeated key joins it once', async () => {
    const { projectId, path } = await projectWith('queue');
    await start(api, { projectId });
    const headers = { 'idempotency-key': `once-${projectId}` };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => start(api, { projectId }, { headers })),
    );
    expect(new Set(answers.map((answer) => deploymentIn(answer).id)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ status: 'queued', queue: { position: 1 } });
    expect((await environmentAt(path)).queue).toHaveLength(1);
  });

  test('keeps its environment and its project from being deleted, also while the slot is free', async () => {
    const { projectId, path } = await projectWith('queue');
    const { slot } = await slotWithLine(api.store, projectId, 'production');
    const waiter = {
      projectId,
      environment: 'production',
      deploymentId: 'dep_01JHN000000000000000000009',
      ticket: 1,
      priority: 1,
      since: '2025-01-15T12:00:00.000Z',
    } as const;
    await transact(api.store, [rewriteSlot(slot, { ...slot, line: slot.line + 1 }), joinLine(waiter)]);
    const answers = [await api.send(`DELETE ${path}`), await api.send(`DELETE /v1/projects/${projectId}`)];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'INVALID_STATE', deploymentId: waiter.deploymentId },
      });
    }
    expect((await api.send(`GET ${path}`)).status).toBe(200);
  });
});

describe('the rate of starts', () => {
  test('is limited per project and minute: 429 with the seconds to wait, and nothing written', async () => {
    const { projectId } = await projectWith('queue', { startsPerMinute: 3 });
    const at = api.store.clock.now();
    api.store.clock.advance(60_000 - (at % 60_000) + 10_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => start(api, { projectId })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    for (const { headers, body } of refused) {
      const seconds = Number(headers['retry-after']);
      // Lost races took a little of the minute.
      expect(seconds).toBeGreaterThan(40);
      expect(seconds).toBeLessThanOrEqual(50);
      expect(body).toMatchObject({
        code: 'RATE_LIMIT_EXCEEDED',
        retryAfterSeconds: seconds,
        retryable: true,
      });
    }
    const before = await api.items();
    expect((await start(api, { projectId })).status).toBe(429);
    expect(await api.items()).toBe(before);
    api.store.clock.advance(50_000);
    expect((await start(api, { projectId })).status).toBe(202);
  });

  test('is ten a minute unless the project says otherwise, and what is refused is not counted', async () => {
    const { projectId } = await projectWith('reject', {});
    expect((await start(api, { projectId })).status).toBe(202);
    for (let n = 0; n < 15; n += 1) expect((await start(api, { projectId })).status).toBe(409);
    await api.send(`POST /v1/projects/${projectId}/environments`, {
      body: { name: 'queue', type: 'staging', concurrency: 'queue' },
    });
    const statuses: number[] = [];
    for (let n = 0; n < 10; n += 1)
      statuses.push((await start(api, { projectId, environment: 'queue' })).status);
    expect(statuses).toEqual([...Array(9).fill(202), 429]);
  });

  test('takes 1 to 1000', async () => {
    for (const startsPerMinute of [0, 1001, 1.5, '10']) {
      const projectId = await gitProject(api);
      const answer = await api.send(`PATCH /v1/projects/${projectId}`, {
        body: { settings: { startsPerMinute } },
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', field: '/settings/startsPerMinute' },
      });
    }
  });
});

describe('a slot that drains', () => {
  /** One that has ended and keeps the slot, and one that waits behind it. */
  async function draining() {
    const { projectId, path } = await projectWith('queue');
    const { id } = deploymentIn(await start(api, { projectId }));
    const next = deploymentIn(await start(api, { projectId }));
    const error = deploymentError({ code: 'TIMEOUT', stage: 'settle', message: 'It did not come to rest.' });
    await settle(
      api.store,
      { deployment: await requireDeployment(api.store, id) },
      { status: 'timeout', error, releaseState: 'none', active: 'same', draining: true },
    );
    return { path, projectId, id, next };
  }
  const release = (path: string, sent: object) => api.send(`POST ${path}/slot/release`, sent);
  const body = { reason: 'nothing runs at the target any more' };

  test('keeps its owner, says why, and hands nothing over', async () => {
    const { path, id, next } = await draining();
    const { slot, queue } = await environmentAt(path);
    expect(slot).toMatchObject({ owner: id, reason: `draining:${id}` });
    expect(queue).toEqual([next.id]);
  });

  test('is freed by an admin with a reason: the next has it, and both records say so', async () => {
    const { path, id, next } = await draining();
    const answer = await release(path, { body });
    expect(answer.status).toBe(200);
    expect(environmentView.parse(answer.body)).toMatchObject({ slot: { owner: next.id }, queue: [] });
    expect((await requireDeployment(api.store, id)).slotReleased).toMatchObject({ by: 'root', ...body });
    expect(await requireDeployment(api.store, next.id)).toMatchObject({ fence: 2, wake: 1 });
    expect((await release(path, { body })).status).toBe(409);
  });

  test('is not freed without a reason, nor by somebody who only deploys', async () => {
    const { path, id, projectId } = await draining();
    expect((await release(path, { body: {} })).status).toBe(400);
    const token = await api.token([{ role: 'approver', projectId }]);
    expect((await release(path, { body, token })).status).toBe(403);
    expect((await environmentAt(path)).slot.owner).toBe(id);
  });
});
