import { GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Slot } from '../../../shared/domain/records.ts';
import type { Ending } from '../../../shared/domain/settlement.ts';
import { count, onAccount, spentOn } from '../../../shared/platform/account.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { changeDeployment, changeWith, type DeploymentChanges } from '../../../shared/store/deployments.ts';
import { transact } from '../../../shared/store/engine.ts';
import { requireEnvironment } from '../../../shared/store/environments.ts';
import { getGood } from '../../../shared/store/good.ts';
import { requireProject } from '../../../shared/store/projects.ts';
import { settle } from '../../../shared/store/settlement.ts';
import { freed as freedSlot, rewriteSlot } from '../../../shared/store/slot.ts';
import { inBetween } from '../../support/in-between.ts';
import { anybody, CANCELED, Line, nobody } from '../../support/line.ts';

const URL = 'https://shop.test';
const sha = (n: number) => `${n}`.padStart(40, '0');
const FAILED = deploymentError({ code: 'LIVE_CHECK_FAILED', stage: 'activate', message: 'It answers 500.' });
const failed = (active: Ending['active'], releaseState: Ending['releaseState'] = 'none'): Ending => ({
  status: 'failed',
  error: FAILED,
  releaseState,
  active,
  draining: false,
});
const wentLive = (deploymentId: string, url: string | undefined = URL): Ending => ({
  status: 'succeeded',
  releaseState: 'active',
  active: { deploymentId, url },
  draining: false,
});

let line: Line;
beforeEach(async () => {
  line = await Line.fresh();
});

/** Past its gate, and on its way to be live. */
async function deploying(id: string, changes: DeploymentChanges): Promise<void> {
  await changeWith(line.store, id, () => ({ status: 'initializing' }));
  await changeWith(line.store, id, () => ({ status: 'deploying', ...changes }));
}
/** A deployment in the middle of its activation, as it stands before it is settled. */
async function activating(changes: DeploymentChanges = {}): Promise<string> {
  const { deployment } = await line.create();
  const stages = deployment.stages.map((stage) =>
    stage.name === 'activate'
      ? { ...stage, status: 'running' as const }
      : { ...stage, status: 'succeeded' as const },
  );
  await deploying(deployment.id, {
    stage: 'activate',
    note: 'going live',
    progress: 92,
    deadlines: { stage: 9e15, total: 9e15 },
    calls: { 'activate-1': 9e15 },
    wake: 3,
    stages,
    ...changes,
  });
  return deployment.id;
}
const backFrom = (ofDeploymentId: string, targetDeploymentId: string) => ({
  ofDeploymentId,
  targetDeploymentId,
  reason: 'slow',
  by: 'bob',
  at: 'then',
  automatic: false,
});
/** One that is live by now. */
async function live(changes: DeploymentChanges = {}): Promise<string> {
  const id = await activating(changes);
  await line.end(id, wentLive(id));
  return id;
}
async function settling(id: string) {
  const { project, environment } = line.given;
  return {
    deployment: await line.record(id),
    project: await requireProject(line.store, project.id),
    environment: await requireEnvironment(line.store, project.id, environment.name),
  };
}
const project = () => requireProject(line.store, line.given.project.id);

describe('the record of what ends', () => {
  test('has nothing running, due or waited for any more, and says what it came to', async () => {
    const id = await activating();
    const before = await line.record(id);
    line.store.clock.advance(90_400);
    const at = isoTime(line.store.clock.now());
    const ended = await line.end(id, wentLive(id));
    expect(await line.record(id)).toEqual(JSON.parse(JSON.stringify(ended)));
    expect(ended).toMatchObject({
      status: 'succeeded',
      releaseState: 'active',
      progress: 100,
      url: URL,
      stage: 'settle',
      currentStep: 'done',
      deadlines: {},
      calls: {},
      wake: 3,
      seen: 3,
      closing: true,
      draining: false,
      finishedAt: at,
      durationSeconds: 90,
      updatedAt: at,
      revision: before.revision + 1,
    });
    expect(ended.note).toBeUndefined();
    expect(ended).not.toHaveProperty('error');
    expect(ended.stages.at(-1)).toEqual({ name: 'settle', status: 'succeeded', attempts: 0, finishedAt: at });
  });

  test.each<[string, Ending, object]>([
    ['failed', failed('same'), {}],
    ['canceled', CANCELED, { message: 'Canceled.' }],
  ])(
    'of one that %s keeps its progress, and a stage that was cut off has failed',
    async (status, ending, why) => {
      const id = await activating();
      const ended = await line.end(id, ending);
      expect(ended).toMatchObject({ status, progress: 92 });
      expect('error' in ended ? ended.error : undefined).toEqual(ending.error);
      const at = ended.updatedAt;
      expect(ended.stages.slice(-2)).toEqual([
        { name: 'activate', attempts: 0, status: 'failed', finishedAt: at, ...why },
        { name: 'settle', attempts: 0, status: 'succeeded', finishedAt: at },
      ]);
      expect(ended.stages[0]).toEqual({ name: 'gate', attempts: 0, status: 'succeeded' });
    },
  );

  test('that succeeded has no failed stage: what was cut off beside it was no more than a warning', async () => {
    const id = await activating();
    expect((await line.end(id, wentLive(id))).stages.at(-2)).toMatchObject({
      name: 'activate',
      status: 'succeeded',
    });
  });

  const run = { phase: 'post', type: 'http' } as const;
  const hooks = [
    { ...run, phase: 'pre', name: 'backup', status: 'succeeded' },
    { ...run, name: 'smoke', status: 'running' },
    { ...run, name: 'notify', status: 'pending' },
  ] as const;
  test.each<[string, (id: string) => Ending, string[], string[]]>([
    [
      'as warnings, and warns, where it succeeded',
      wentLive,
      ['succeeded', 'warned', 'skipped'],
      ['post hook smoke did not come to its end', 'post hook notify did not come to its end'],
    ],
    ['as failed where it was canceled', () => CANCELED, ['succeeded', 'failed', 'skipped'], []],
  ])('has its hooks closed %s', async (_fact, ending, statuses, warnings) => {
    const id = await activating({ hooks });
    const ended = await line.end(id, ending(id));
    expect(ended.hooks?.map(({ status }) => status)).toEqual(statuses);
    expect(ended.validation.warnings).toEqual(warnings);
    expect(ended.validation.passed).toBe(true);
  });

  test('of one without hooks has none', async () => {
    expect(await line.end(await activating())).not.toHaveProperty('hooks');
  });

  test('counts from its start, not from its creation, and never below nothing', async () => {
    const started = line.store.clock.now() + 60_000;
    const id = await activating({ startedAt: isoTime(started) });
    line.store.clock.advance(62_000);
    expect(await line.end(id)).toMatchObject({ durationSeconds: 2 });
    const early = await activating({ startedAt: isoTime(started + 600_000) });
    expect(await line.end(early)).toMatchObject({ durationSeconds: 0 });
  });

  test.each<[string, string, Ending['active'], Ending['releaseState']]>([
    ['it is served there', URL, { deploymentId: 'it', url: URL }, 'active'],
    ['nobody says where it is served', 'https://staged.test', { deploymentId: 'it' }, 'active'],
    [
      'something else is served there',
      'https://staged.test',
      { deploymentId: 'dep_other', url: URL },
      'none',
    ],
    ['nothing was changed', 'https://staged.test', 'same', 'none'],
  ])('has the address where %s: %s', async (_fact, url, active, releaseState) => {
    const id = await activating({ url: 'https://staged.test' });
    const served =
      active !== 'same' && active.deploymentId === 'it' ? { ...active, deploymentId: id } : active;
    expect((await line.end(id, failed(served, releaseState))).url).toBe(url);
  });

  test('has what was looked at once traffic had moved', async () => {
    const ended = await live({ activating: true });
    const { checks } = (await line.record(ended)).validation;
    expect(checks.map(({ name }) => name)).toEqual(['record', 'snapshot', 'status', 'served']);
  });

  test('takes along what its settlement consumed, and leaves it to the next where it was not written', async () => {
    const id = await activating();
    const stale = await line.record(id);
    await changeDeployment(line.store, stale, { note: 'moved' });
    await onAccount({ owner: id }, async () => {
      count({ posts: 7 });
      await expect(settle(line.store, { deployment: stale }, CANCELED)).rejects.toMatchObject({
        failed: [0],
      });
      const ended = await settle(line.store, { deployment: await line.record(id) }, CANCELED);
      expect(ended.cost.posts).toBe(7);
      expect(spentOn(id).posts).toBeUndefined();
    });
  });

  test('costs what it did where nobody counts, or the count is not its own', async () => {
    const [first, second] = [await activating(), await activating()];
    const { cost } = await line.record(first);
    expect((await line.end(first)).cost).toEqual(cost);
    await onAccount({ owner: first }, async () => {
      count({ posts: 7 });
      const ended = await settle(line.store, { deployment: await line.record(second) }, CANCELED);
      expect(ended.cost).toEqual(cost);
    });
  });
});

describe('a settlement whose slot a person has freed', () => {
  const slotReleased = { at: 'then', by: 'ann', reason: 'looked at it' };
  const found = (id: string) => ({ ...wentLive(id), status: 'timeout' as const, error: FAILED });
  const nothing: Ending = { ...failed('same'), status: 'timeout' };
  /** Ended without its slot, which nobody has; something else is said to be live. */
  async function freed() {
    const before = await live();
    const id = await activating();
    await line.end(id, { ...failed('same'), status: 'timeout', draining: true });
    await changeWith(line.store, id, () => ({ slotReleased }));
    const slot = await line.slot();
    await transact(line.store, [rewriteSlot(slot, freedSlot(slot))]);
    return { before, id, place: await line.slot() };
  }
  const end = async (id: string, place: Slot, ending: Ending) =>
    settle(line.store, { ...(await settling(id)), place }, ending, anybody);

  test('says what is live, and leaves the slot free', async () => {
    const { before, id, place } = await freed();
    expect(await end(id, place, found(id))).toMatchObject({ releaseState: 'active', draining: false });
    expect(await line.record(before)).toMatchObject({ releaseState: 'inactive' });
    const slot = await line.slot();
    expect(slot).toMatchObject({ active: id, url: URL, fence: place.fence, line: place.line + 1 });
    expect(slot).not.toHaveProperty('owner');
  });

  test('leaves the slot alone where nothing was found out', async () => {
    const { before, id, place } = await freed();
    expect(await end(id, place, nothing)).toMatchObject({ releaseState: 'none', draining: false });
    expect(await line.slot()).toEqual(place);
    expect(await line.record(before)).toMatchObject({ releaseState: 'active' });
  });

  test('leaves the slot alone while somebody has it', async () => {
    const { before, id } = await freed();
    const next = await line.idOf();
    const taken = await line.slot();
    expect(taken.owner).toBe(next);
    await end(id, taken, nothing);
    expect(await line.slot()).toEqual(taken);
    expect(await line.record(before)).toMatchObject({ releaseState: 'active' });
  });

  test.each(['fence', 'line'] as const)('is refused at once where the %s moved since', async (moved) => {
    const { id, place } = await freed();
    const before = await line.record(id);
    const read = { ...place, [moved]: place[moved] - 1 };
    await expect(end(id, read, found(id))).rejects.toMatchObject({ failed: [0] });
    expect(await line.record(id)).toEqual(before);
    expect(await line.slot()).toEqual(place);
  });
});

describe('a settlement that drains', () => {
  const error = deploymentError({ code: 'TIMEOUT', stage: 'settle', message: 'It did not come to rest.' });
  const draining: Ending = { status: 'timeout', error, releaseState: 'none', active: 'same', draining: true };

  test('keeps the slot and what may be on the wire, and says so', async () => {
    const id = await activating();
    const { since, line: was } = await line.slot();
    line.store.clock.advance(1000);
    const ended = await line.end(id, draining);
    expect(ended).toMatchObject({ status: 'timeout', draining: true, calls: { 'activate-1': 9e15 }, error });
    expect(await line.slot()).toMatchObject({ owner: id, since, reason: `draining:${id}`, line: was + 1 });
  });

  test('learns later what is served, and changes nothing else of how it ended', async () => {
    const id = await activating();
    await line.end(id, draining);
    const before = await line.record(id);
    line.store.clock.advance(3_600_000);
    const settled = await settle(line.store, await settling(id), {
      ...wentLive(id),
      status: 'timeout',
      error,
    });
    expect(settled).toEqual({
      ...before,
      releaseState: 'active',
      draining: false,
      calls: {},
      updatedAt: isoTime(line.store.clock.now()),
      revision: before.revision + 1,
    });
    expect(await line.slot()).toMatchObject({ active: id, url: URL });
    expect((await line.slot()).owner).toBeUndefined();
    const deployedAt = 'finishedAt' in before ? before.finishedAt : undefined;
    expect(await project()).toMatchObject({ deployedAt, lifecycle: 'deployed' });
  });
});

describe('the slot after the end', () => {
  test('has no owner, the same fence, a risen line, and what is live, served and good', async () => {
    const first = await live();
    const second = await activating();
    const { fence, line: was } = await line.slot();
    await line.end(second, wentLive(second, 'https://new.test'));
    expect(await line.slot()).toEqual({
      projectId: line.given.project.id,
      environment: line.given.environment.name,
      fence,
      line: was + 1,
      ticket: 2,
      active: second,
      previousGood: first,
      health: {
        state: 'healthy',
        deploymentId: second,
        versionNumber: 1,
        at: isoTime(line.store.clock.now()),
      },
      url: 'https://new.test',
    });
  });

  test('serves what it did where nothing was changed, at the address where it did', async () => {
    const first = await live();
    await line.end(await activating(), failed('same'));
    expect(await line.slot()).toMatchObject({ active: first, url: URL });
  });

  test('of one that waited in the middle of the line is another’s as before', async () => {
    const [owner, first, second, third] = [
      await line.idOf(),
      await line.idOf(),
      await line.idOf(),
      await line.idOf(),
    ];
    await line.end(second, CANCELED, nobody);
    expect(await line.waiting()).toEqual([first, third]);
    await line.end(third, CANCELED, anybody);
    expect(await line.waiting()).toEqual([first]);
    expect((await line.slot()).owner).toBe(owner);
  });
});

describe('the others whose release state is no longer true', () => {
  const states = async (...all: string[]) =>
    Promise.all(all.map(async (id) => (await line.record(id)).releaseState));

  test('what was live is inactive once something else is, and what is served again is active', async () => {
    const first = await live();
    const second = await live();
    expect(await states(first, second)).toEqual(['inactive', 'active']);
    const third = await activating();
    await line.end(third, failed({ deploymentId: first }));
    expect(await states(first, second, third)).toEqual(['active', 'inactive', 'none']);
    expect(await line.slot()).toMatchObject({ active: first });
  });

  test('what was live is inactive where nothing is served, and a stranger’s release is no record of ours', async () => {
    const first = await live();
    await line.end(await activating(), failed({}));
    expect(await states(first)).toEqual(['inactive']);
    const second = await live();
    await line.end(await activating(), failed({ deploymentId: 'dep_of_another_installation' }));
    expect(await states(second)).toEqual(['inactive']);
    expect((await line.slot()).active).toBe('dep_of_another_installation');
  });

  test('are not written where they say so already', async () => {
    const first = await live();
    await changeWith(line.store, first, () => ({ releaseState: 'inactive' }));
    const { revision } = await line.record(first);
    await live();
    expect((await line.record(first)).revision).toBe(revision);
  });

  test('are not touched where what is live stays live', async () => {
    const first = await live();
    const before = await line.record(first);
    await line.end(await activating(), failed({ deploymentId: first, url: URL }));
    expect(await line.record(first)).toEqual(before);
  });

  test('what a rollback left says who left it, when and why; what it restored stays as it was', async () => {
    const first = await live();
    const second = await live();
    const restored = await line.record(first);
    const id = await line.idOf('queue', { type: 'rollback' });
    await deploying(id, { rollback: backFrom(second, first) });
    const ended = await line.end(id, wentLive(id));
    expect(await line.record(second)).toMatchObject({
      releaseState: 'rolled-back',
      rolledBack: { at: ended.updatedAt, by: 'bob', reason: 'slow', deploymentId: id },
    });
    expect(await line.record(first)).toEqual(restored);
  });

  test('a rollback that did not go live has left nothing, though something else is served by then', async () => {
    const [first, second] = [await live(), await live()];
    const id = await line.idOf('queue', { type: 'rollback' });
    await deploying(id, { rollback: backFrom(second, first) });
    await line.end(id, failed({ deploymentId: first, url: URL }));
    expect(await states(first, second, id)).toEqual(['active', 'inactive', 'none']);
    expect(await line.record(second)).not.toHaveProperty('rolledBack');
  });
});

describe('a settlement reads slot and line, and a record only where that is changed or gone back to', () => {
  const withId = (id: string, ending: (id: string) => Ending): [string, Ending] => [id, ending(id)];
  const settlements: [string, number, () => Promise<[string, Ending]>][] = [
    ['that is the first to go live', 0, async () => withId(await activating(), wentLive)],
    [
      'that goes live after another',
      1,
      async () => {
        await live();
        return withId(await activating(), wentLive);
      },
    ],
    [
      'that failed and changed nothing',
      0,
      async () => {
        await live();
        return withId(await activating(), () => failed('same'));
      },
    ],
    [
      'that was switched back',
      1,
      async () => {
        const first = await live();
        return withId(await activating(), () => failed({ deploymentId: first }, 'rolled-back'));
      },
    ],
    [
      'that was switched back to nothing',
      0,
      async () => withId(await activating(), () => failed({}, 'rolled-back')),
    ],
  ];
  test.each(settlements)('of one %s: %i records', async (_fact, records, given) => {
    const [id, ending] = await given();
    const deployment = await line.record(id);
    let reads = 0;
    const store = inBetween(line.store, (command) => {
      if (command instanceof GetItemCommand) reads += 1;
    });
    await settle(store, { deployment }, ending);
    expect(reads).toBe(records);
  });
});

describe('what a later rollback rests on', () => {
  const commit = (n: number) => ({
    source: { type: 'branch', ref: 'main', commit: { sha: sha(n) } } as const,
  });
  const switchedBack = (deploymentId: string) => failed({ deploymentId, url: URL }, 'rolled-back');

  test('stands on the record of what went live', async () => {
    const first = await live();
    expect((await line.record(first)).previousGood).toBeUndefined();
    const second = await live();
    expect((await line.record(second)).previousGood).toBe(first);
    const third = await activating();
    await line.end(third, failed('same'));
    expect(await line.record(third)).not.toHaveProperty('previousGood');
    expect(await line.record(third)).not.toHaveProperty('rolledBack');
  });

  test('what was switched back says so, and its version is blocked', async () => {
    const first = await live(commit(1));
    const second = await activating(commit(2));
    const ended = await line.end(second, switchedBack(first));
    const { message: reason } = FAILED;
    expect(ended.rolledBack).toEqual({ at: ended.updatedAt, by: 'slipway', reason, deploymentId: second });
    expect((await line.slot()).blocked).toMatchObject([{ key: sha(2), deploymentId: second, reason }]);
  });

  test('what was switched back to the same version is not blocked', async () => {
    const first = await live(commit(1));
    await line.end(await activating(commit(1)), switchedBack(first));
    expect(await line.slot()).not.toHaveProperty('blocked');
  });

  test('what was switched back to nothing at all is blocked', async () => {
    await line.end(await activating(commit(1)), failed({}, 'rolled-back'));
    expect((await line.slot()).blocked).toMatchObject([{ key: sha(1) }]);
  });

  test('what was said first about how it was left stays so', async () => {
    const first = await live(commit(1));
    const rolledBack = { at: 'then', by: 'bob', reason: 'slow', deploymentId: 'dep_rollback' };
    const second = await activating({ ...commit(2), rolledBack });
    expect((await line.end(second, switchedBack(first))).rolledBack).toEqual(rolledBack);
  });
});

describe('that something succeeded', () => {
  const content = { source: { type: 'branch', ref: 'main', commit: { sha: sha(1) } } as const };
  const good = () => getGood(line.store, line.given.project.id, line.given.environment.name, sha(1));

  test('is noted in the same write, and not where it failed', async () => {
    await line.end(await activating(content), failed('same'));
    expect(await good()).toBeUndefined();
    const id = await live(content);
    expect(await good()).toMatchObject({ deploymentId: id });
  });

  test('is noted once, though what has ended may be settled again', async () => {
    const id = await live(content);
    const again = await line.end(id, { ...wentLive(id), active: 'same' });
    expect(again).toMatchObject({ status: 'succeeded', releaseState: 'active' });
    expect(await good()).toMatchObject({ deploymentId: id });
  });
});

describe('the project', () => {
  test('shows what its default environment serves', async () => {
    const id = await activating();
    const ended = await settle(line.store, await settling(id), wentLive(id));
    expect(await project()).toMatchObject({
      lifecycle: 'active',
      online: true,
      health: 'healthy',
      currentVersion: ended.versionId,
      deployedAt: ended.updatedAt,
      deployedBy: 'ann',
      deployedConfiguration: {},
    });
    const other = await activating();
    await settle(line.store, await settling(other), failed({ deploymentId: other }, 'active'));
    expect(await project()).toMatchObject({ lifecycle: 'deployed', health: 'unhealthy' });
    const unseen = await activating();
    const error = deploymentError({ code: 'HOOK_FAILED', stage: 'activate', message: 'Exit 1.' });
    await settle(line.store, await settling(unseen), {
      ...failed({ deploymentId: unseen }, 'active'),
      error,
    });
    expect(await project()).toMatchObject({ lifecycle: 'deployed', health: 'unknown' });
  });

  test('stays as it is where nothing went live, and where it or its environment is gone', async () => {
    const before = await project();
    const red = await activating();
    await settle(line.store, await settling(red), failed('same'));
    for (const gone of ['project', 'environment']) {
      const id = await activating();
      await settle(line.store, { ...(await settling(id)), [gone]: undefined }, wentLive(id));
    }
    expect(await project()).toEqual(before);
  });

  test('shows another environment only as long as there is nothing to show', async () => {
    line = await Line.fresh({ isDefault: false });
    const id = await activating();
    await settle(line.store, await settling(id), wentLive(id));
    const shown = await project();
    expect(shown).toMatchObject({ lifecycle: 'active' });
    const other = await activating();
    await settle(line.store, await settling(other), failed({ deploymentId: other }, 'active'));
    expect(await project()).toEqual(shown);
  });

  test('gives its environment the configuration that a rollback restored, in the same write', async () => {
    const first = await live();
    const id = await line.idOf('queue', { type: 'rollback' });
    const { snapshot } = await line.record(id);
    await deploying(id, {
      snapshot: { ...snapshot, configuration: { region: 'north' } },
      rollback: backFrom(first, first),
    });
    const given = await settling(id);
    await settle(line.store, given, wentLive(id));
    const { environment } = await settling(id);
    expect(environment.configuration).toEqual({ region: 'north' });
    expect(environment.revision).toBe(given.environment.revision + 1);
  });
});

describe('a settlement beside others', () => {
  /** Somebody joins or leaves the line right before each of the first `times` attempts. */
  const restless = (times: number) => {
    let moved = 0;
    const store = inBetween(line.store, async (command) => {
      if (!(command instanceof TransactWriteItemsCommand) || moved >= times) return;
      moved += 1;
      const slot = await line.slot();
      await transact(line.store, [rewriteSlot(slot, { ...slot, line: slot.line + 1 })]);
    });
    const random = { ...line.store.random, unit: () => 0.3 };
    return { store: { ...store, random }, attempts: () => moved };
  };

  test('is tried again where the line moved, waiting a little longer each time, at most 50 ms', async () => {
    const id = await activating();
    const { store } = restless(29);
    const before = line.store.clock.now();
    expect((await settle(store, { deployment: await line.record(id) }, CANCELED)).status).toBe('canceled');
    const waited = Array.from({ length: 29 }, (_, n) => Math.ceil(Math.min(5 * (n + 1), 50) * 0.8));
    expect(line.store.clock.now() - before).toBe(waited.reduce((sum, ms) => sum + ms));
  });

  test('gives up after thirty tries', async () => {
    const id = await activating();
    const { store, attempts } = restless(100);
    const settled = settle(store, { deployment: await line.record(id) }, CANCELED);
    await expect(settled).rejects.toMatchObject({ failed: [1] });
    expect(attempts()).toBe(30);
  });

  test.each([
    ['its own record has moved: what it decided on is no longer so', 'moved'],
    ['the database does not answer', 'silent'],
  ] as const)('is not tried again where %s', async (_fact, how) => {
    const id = await activating();
    const deployment = await line.record(id);
    let tries = 0;
    const store = inBetween(line.store, async (command) => {
      if (!(command instanceof TransactWriteItemsCommand)) return;
      tries += 1;
      if (how === 'silent') throw new Error('the connection was reset');
      await changeWith(line.store, id, () => ({ note: 'moved' }));
    });
    await expect(settle(store, { deployment }, CANCELED)).rejects.toThrow();
    expect(tries).toBe(1);
    expect((await line.record(id)).status).toBe('deploying');
  });
});
