import { beforeEach, describe, expect, test } from 'vitest';
import type { SweepDeps } from '../../../functions/sweep/deps.ts';
import { sweep } from '../../../functions/sweep/handle.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { Machine } from '../../../shared/platform/machine.ts';
import { createDeployment } from '../../../shared/store/deployment-creation.ts';
import { changeWith, getSlot } from '../../../shared/store/deployments.ts';
import { beat } from '../../../shared/store/heartbeats.ts';
import { jobKeyOf } from '../../../shared/store/keys.ts';
import { appendLines } from '../../../shared/store/log-append.ts';
import { takenBy } from '../../../shared/store/slot.ts';
import { answerStage } from '../../../shared/store/task-tokens.ts';
import { unsentAnswersBefore } from '../../../shared/store/work.ts';
import { aDeployment } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { nobodyWatches } from '../../support/viewers.ts';
import { type LogLine, recordingLog } from '../api/support.ts';

let store: TestStore;
let sent: { op: string; deploymentId: string; reason?: string }[];
let started: string[];
let lines: LogLine[];
let executions: 'running' | 'ended' | 'absent';
let deps: SweepDeps;

beforeEach(async () => {
  store = await freshStore();
  [sent, started, lines] = [[], [], []];
  executions = 'running';
  const machine = {
    start: async (id: string) => {
      started.push(id);
      return `arn:${id}`;
    },
    state: async () => executions,
    succeed: async () => 'stale',
  };
  deps = {
    sockets: { ...nobodyWatches, store },
    // The sweep starts, looks and sends answers again; nothing else.
    machine: machine as unknown as Machine,
    functions: {
      call: () => Promise.reject(new Error('unused')),
      send: async (_name, payload) => void sent.push(payload as (typeof sent)[number]),
    },
    stepsFunction: 'steps',
    dueFunction: 'due',
    bus: { publish: async () => {} },
    archive: { read: async () => undefined, write: async () => {}, remove: async () => {} },
    log: recordingLog(lines, {}),
  };
});

async function stored(changes: Partial<Deployment>): Promise<string> {
  const id = `dep_${store.random.ulid(store.clock.now())}`;
  const environment = `env-${id.slice(-6).toLowerCase()}`;
  // Nothing here ends a deployment, so the union's member stays.
  const deployment = aDeployment({ executionArn: 'arn:x', ...(changes as object), id, environment } as never);
  const free = await getSlot(store, deployment.projectId, environment);
  const taken = takenBy(free, id, deployment.createdAt, 'deployment');
  await createDeployment(store, { deployment, free, taken }, []);
  return id;
}
const inSeconds = (seconds: number) => store.clock.now() + seconds * 1000;
const run = (signal = new AbortController().signal) => sweep(deps, signal, {});
const reasons = () => sent.map(({ op, reason }) => reason ?? op);

describe('the sweep', () => {
  test('has nothing to do for what is within its time', async () => {
    await stored({ deadlines: { stage: inSeconds(100), total: inSeconds(200) } });
    await run();
    expect([sent, started]).toEqual([[], []]);
  });

  test.each([
    ['stage-deadline', () => ({ deadlines: { stage: inSeconds(10) } })],
    ['total-deadline', () => ({ deadlines: { stage: inSeconds(99), total: inSeconds(10) } })],
    ['claim-deadline', () => ({ deadlines: { stage: inSeconds(99), claim: inSeconds(10) } })],
    ['settling', () => ({ settling: { at: '2025-01-15T11:59:00.000Z', by: 'machine' } })],
  ])('has what is past its time settled: %s', async (reason, changes) => {
    const deploymentId = await stored(changes());
    store.clock.advance(11_000);
    await run();
    expect(sent[0]).toMatchObject({ op: 'reap', reason, deploymentId });
  });

  const said = { at: 0, level: 'info', step: 'build', source: 'build', message: 'x' } as const;
  test.each([
    ['beats', (id: string) => beat(store, jobKeyOf(id, 'build', 0))],
    ['writes lines', (id: string) => appendLines(store, id, 'build.0', 0, [said])],
  ])('takes a runner for lost when it was not heard of, not while it %s', async (_, livesOn) => {
    const deploymentId = await stored({ stage: 'build', deadlines: { heartbeat: inSeconds(60) } });
    store.clock.advance(50_000);
    await livesOn(deploymentId);
    store.clock.advance(50_000);
    await run();
    expect(reasons()).toEqual([]);
    store.clock.advance(20_000);
    await run();
    expect(reasons()).toContain('runner-lost');
  });

  test('settles what its execution left behind, and an answer nobody waits for any more', async () => {
    const deploymentId = await stored({ deadlines: { stage: inSeconds(900) } });
    await answerStage(store, deps.machine, deploymentId, 'build', 0, { ok: true });
    executions = 'ended';
    store.clock.advance(61_000);
    await run();
    expect(new Set(reasons())).toEqual(new Set(['execution-ended']));
  });

  test('leaves an unsent answer on its list while the execution runs', async () => {
    const deploymentId = await stored({ deadlines: { stage: inSeconds(900) } });
    await answerStage(store, deps.machine, deploymentId, 'build', 0, { ok: true });
    store.clock.advance(31_000);
    await run();
    expect(sent).toEqual([]);
    const left: string[] = [];
    for await (const one of unsentAnswersBefore(store, store.clock.now())) left.push(one.deploymentId);
    expect(left).toEqual([deploymentId]);
  });

  test('starts what has no execution, and does not take it for ended before the engine knows it everywhere', async () => {
    const deploymentId = await stored({ executionArn: undefined });
    executions = 'absent';
    store.clock.advance(31_000);
    await run();
    expect([started, sent]).toEqual([[deploymentId], []]);
  });

  test('leaves a settlement that has just begun to whoever settles, although the index lists it', async () => {
    const deploymentId = await stored({ deadlines: { stage: inSeconds(5) } });
    store.clock.advance(6000);
    const settling = { at: isoTime(store.clock.now()), by: 'machine' };
    await changeWith(store, deploymentId, () => ({ settling, deadlines: { stage: inSeconds(600) } }));
    store.clock.advance(29_000);
    await run();
    expect(sent).toEqual([]);
    store.clock.advance(1000);
    await run();
    expect(reasons()).toEqual(['settling']);
  });

  test('does not take an execution for gone that was noted late and just now', async () => {
    const deploymentId = await stored({ executionArn: undefined });
    store.clock.advance(31_000);
    await changeWith(store, deploymentId, () => ({ executionArn: 'arn:new' }));
    executions = 'absent';
    store.clock.advance(1000);
    await run();
    expect([started, sent]).toEqual([[], []]);
  });

  test('settles what was started once and has no execution any more', async () => {
    await stored({ executionArn: 'arn:gone' });
    executions = 'absent';
    store.clock.advance(61_000);
    await run();
    expect(reasons()).toEqual(['execution-ended']);
  });

  test('has a draining slot freed although its log cannot be closed', async () => {
    const ended = {
      status: 'timeout',
      draining: true,
      closing: true,
      finishedAt: '2025-01-15T12:00:00.000Z',
    };
    const deploymentId = await stored(ended as Partial<Deployment>);
    const archive = { ...deps.archive, write: () => Promise.reject(new Error('S3 does not answer')) };
    deps = { ...deps, archive };
    store.clock.advance(1000);
    await run();
    expect(sent).toEqual([expect.objectContaining({ deploymentId, reason: 'settling' })]);
    expect(lines.some(({ level }) => level === 'error')).toBe(true);
  });

  test('goes on with the others where one cannot be looked after', async () => {
    const past = { deadlines: { stage: inSeconds(1) } };
    const [bad, good] = [await stored(past), await stored(past)];
    const { send } = deps.functions;
    deps = {
      ...deps,
      functions: {
        ...deps.functions,
        send: (name, payload) =>
          (payload as { deploymentId: string }).deploymentId === bad
            ? Promise.reject(new Error('Lambda does not answer'))
            : send(name, payload),
      },
    };
    store.clock.advance(2000);
    await run();
    expect(sent.map(({ deploymentId }) => deploymentId)).toEqual([good]);
    expect(lines.some(({ level }) => level === 'error')).toBe(true);
  });

  test('takes nothing new on once its time is up', async () => {
    await stored({ deadlines: { stage: inSeconds(1) } });
    store.clock.advance(2000);
    await run(AbortSignal.abort());
    expect(sent).toEqual([]);
  });
});
