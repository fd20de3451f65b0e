import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { costFrom, NO_COST } from '../../../shared/domain/cost.ts';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { deploymentFrom, deploymentItem } from '../../../shared/store/deployment-item.ts';
import { getItem, type Item, putItem, type Write } from '../../../shared/store/engine.ts';
import { environmentItem } from '../../../shared/store/environment-item.ts';
import { getEnvironment } from '../../../shared/store/environments.ts';
import { createFreeze, getFreeze } from '../../../shared/store/freezes.ts';
import { getGood, goodItem } from '../../../shared/store/good.ts';
import { fromItem, toItem } from '../../../shared/store/job-items.ts';
import { taskTokenKey } from '../../../shared/store/keys.ts';
import { joinLine } from '../../../shared/store/line.ts';
import { recordFrom } from '../../../shared/store/packed-record.ts';
import { createProject, getProject, listProjects } from '../../../shared/store/projects.ts';
import { createSchedule, getSchedule } from '../../../shared/store/schedules.ts';
import { slotFrom, slotItem, slotWithLine } from '../../../shared/store/slot.ts';
import { startDeployment } from '../../../shared/store/start-deployment.ts';
import { answerStage, storeToken } from '../../../shared/store/task-tokens.ts';
import { getVersion, versionItem } from '../../../shared/store/versions.ts';
import { AT, AT_MS, aDeployment, ids } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { taskMachine } from '../../support/task-machine.ts';
import {
  aJob,
  aJobWithHooks,
  proofs,
  wholeDeployment,
  wholeEnded,
  wholeEnvironment,
  wholeFreeze,
  wholeGood,
  wholeProject,
  wholeSchedule,
  wholeSlot,
  wholeVersion,
  wholeWaiter,
} from '../../support/whole-records.ts';

/**
 * What stands in the tables of a running installation. A hash here changes only together with the `v` of its items
 * and with a reader that still takes the old ones (design, rule 17).
 */
const PINNED = {
  deployment: { v: 6, shape: '330090dd8a52c099' },
  ended: { v: 6, shape: '5bbd36d6426e307b' },
  slot: { v: 2, shape: '6b3f1a8b7d06ba5a' },
  waiter: { v: 1, shape: 'c1cd8a1acbcec813' },
  good: { v: 1, shape: 'f96981b42ee50025' },
  environment: { v: 3, shape: '95f3658d5f22ae63' },
  project: { v: 2, shape: 'f26a8133cc69ac6e' },
  version: { v: 1, shape: '7b7cf6449497f580' },
  schedule: { v: 1, shape: '56cd325842e5ecf4' },
  freeze: { v: 1, shape: '2ad9c42affe8d835' },
  job: { v: 1, shape: '51f3dd37adfb0afb' },
  'task-token': { v: 1, shape: 'a9aecb3e4ea87466' },
  // What hooks add is optional: the version is that of before.
  'job-with-hooks': { v: 1, shape: 'd207d38bfd7abb30' },
  'token-of-a-round': { v: 1, shape: 'e8aeffb8ae793aae' },
} as const;

/** What stands in the file of version 1. */
const deploymentOfVersion1 = aDeployment({
  status: 'canceling',
  stage: 'activate',
  message: 'Friday',
  note: 'stopping',
  fence: 3,
  source: { type: 'branch', ref: 'main', commit: { sha: 'a'.repeat(40), message: 'm', author: 'ann' } },
  buildId: 'build-1',
  runner: 'laptop',
  artifact: { key: 'artifacts/x.zip', digest: 'b'.repeat(64), size: 1, files: 1 },
  releaseId: 'rel-1',
  url: 'https://shop.test',
  previewUrls: ['https://preview.shop.test'],
  previousDeploymentId: ids.previous,
  parentDeploymentId: ids.previous,
  executionArn: 'arn:x',
  startedAt: AT,
  deadlines: { stage: AT_MS, total: AT_MS, claim: AT_MS, heartbeat: AT_MS },
  calls: { 'activate-1': AT_MS },
  activating: true,
  settling: { at: AT, by: 'machine' },
  cancelRequested: { at: AT, by: 'ann', reason: 'wrong' },
  failure: deploymentError({
    code: 'BUILD_FAILED',
    stage: 'build',
    message: 'Exit 7.',
    exitCode: 7,
    cause: 'c',
  }),
  undo: { at: AT, attempts: 1 },
  closing: true,
  draining: true,
  entered: { gate: AT },
});

const slotOfVersion1 = {
  projectId: ids.project,
  environment: 'production',
  owner: ids.deployment,
  since: AT,
  reason: 'deployment',
  fence: 3,
  line: 5,
  active: ids.previous,
  previousGood: ids.previous,
  url: 'https://shop.test',
};

/** Paths and types of an item; what is data itself (configuration, requests) is empty in it. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${path}:[]`] : shapeOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null)
    return [`${path}:${value === null ? 'null' : typeof value}`];
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return fields.length === 0
    ? [`${path}:{}`]
    : fields.flatMap(([name, field]) => shapeOf(field, `${path}.${name}`));
}

/** An item with its packed record as what it holds. */
const unpacked = (item: Item): Item =>
  item['record'] instanceof Uint8Array ? { ...item, record: { ...recordFrom(item['record']) } } : item;

const hashOf = (item: Item) =>
  createHash('sha256')
    .update(JSON.stringify(shapeOf(item).sort()))
    .digest('hex')
    .slice(0, 16);

const isBytes = (value: unknown): value is { readonly $bytes: string } =>
  typeof value === 'object' && value !== null && '$bytes' in value;

/** Items as that version stored them, a line each. These files stay. */
function stored(file: string): Item[] {
  return readFileSync(new URL(`../../fixtures/stored/${file}.ndjson`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      JSON.parse(line, (_, value: unknown) => (isBytes(value) ? Buffer.from(value.$bytes, 'base64') : value)),
    );
}

/** A table in which they stand as they were stored. */
async function storeWith(saved: readonly Item[]): Promise<TestStore> {
  const there = await freshStore();
  for (const item of saved) await putItem(there, item, { expression: 'attribute_not_exists(pk)' });
  return there;
}

const putIn = (write: Write | undefined): Item => (write !== undefined && 'put' in write ? write.put : {});

/** Beside an open deployment, what only one that has ended has. */
const endedItem = () => deploymentItem({ ...wholeEnded, id: ids.previous });

/** Without what version 4 added. */
function ofVersion3({ purges: _purges, archive: _archive, snapshot, ...record }: Partial<Deployment>) {
  const { retention: _retention, ...before } = snapshot ?? {};
  return { ...record, snapshot: before };
}

const items: Record<string, Item> = {};

beforeAll(async () => {
  const store = await freshStore();
  const machine = taskMachine();
  await storeToken(store, machine, ids.deployment, 'build', 0, { token: 't', enteredAt: AT, retryCount: 0 });
  await answerStage(store, machine, ids.deployment, 'build', 0, { ok: false, code: 'BUILD_FAILED' });
  items['task-token'] = (await getItem(store, taskTokenKey(ids.deployment, 'build', 0))) ?? {};
  items['deployment'] = deploymentItem(wholeDeployment);
  items['ended'] = endedItem();
  items['slot'] = slotItem(wholeSlot);
  items['waiter'] = putIn(joinLine(wholeWaiter));
  items['good'] = goodItem(wholeGood);
  items['environment'] = environmentItem(wholeEnvironment);
  items['project'] = putIn(createProject(wholeProject)[0]);
  items['version'] = versionItem(wholeVersion);
  items['schedule'] = putIn(createSchedule(wholeSchedule));
  items['freeze'] = putIn(createFreeze(wholeFreeze));
  items['job'] = toItem(aJob, proofs);
  items['job-with-hooks'] = toItem(aJobWithHooks, proofs);
  await storeToken(store, machine, ids.deployment, 'activate', 1, {
    token: 't',
    enteredAt: AT,
    retryCount: 0,
  });
  await answerStage(store, machine, ids.deployment, 'activate', 1, { ok: true, more: true, next: 'hook' });
  items['token-of-a-round'] = (await getItem(store, taskTokenKey(ids.deployment, 'activate', 1))) ?? {};
});

describe('the stored shape', () => {
  test.each(Object.entries(PINNED))('of %s is what its version says', (kind, pinned) => {
    const item = unpacked(items[kind] ?? {});
    const found = { v: item['v'], shape: hashOf(item) };
    expect(found, shapeOf(item).sort().join('\n')).toEqual(pinned);
  });

  test.each(['records-v4', 'records-v5', 'records-v6'])(
    'of every record, with all that it may hold, is read by this version: %s',
    async (file) => {
      const store = await storeWith(stored(file));
      const inTable = async (key: { pk: string; sk: string }) => (await getItem(store, key)) ?? {};
      const deployment = (id: string) => inTable({ pk: `DEP#${id}`, sk: 'DEP' }).then(deploymentFrom);
      expect(await deployment(ids.deployment)).toEqual(wholeDeployment);
      expect(await deployment(ids.previous)).toEqual({ ...wholeEnded, id: ids.previous });
      expect(await slotWithLine(store, ids.project, 'production')).toEqual({
        slot: wholeSlot,
        line: [wholeWaiter],
      });
      expect(await getGood(store, ids.project, 'staging', wholeGood.key)).toEqual(wholeGood);
      expect(await getEnvironment(store, ids.project, 'production')).toEqual(wholeEnvironment);
      expect(await getProject(store, ids.project)).toEqual(wholeProject);
      expect(await getVersion(store, ids.version)).toEqual(wholeVersion);
      expect(await getSchedule(store, wholeSchedule.id)).toEqual(wholeSchedule);
      expect(await getFreeze(store, wholeFreeze.id)).toEqual(wholeFreeze);
    },
  );

  test('of version 3 is read by this one: no line was purged, and lines are kept as long as everywhere', async () => {
    const store = await storeWith(stored('records-v3'));
    const inTable = async (key: { pk: string; sk: string }) => (await getItem(store, key)) ?? {};
    const deployment = (id: string) => inTable({ pk: `DEP#${id}`, sk: 'DEP' }).then(deploymentFrom);
    expect(await deployment(ids.deployment)).toEqual(ofVersion3(wholeDeployment));
    expect(await deployment(ids.previous)).toEqual(ofVersion3({ ...wholeEnded, id: ids.previous }));
    const { retention: _retention, ...environment } = wholeEnvironment;
    expect(await getEnvironment(store, ids.project, 'production')).toEqual(environment);
  });

  test('of version 2 is read by this one, which counted less of the cost', async () => {
    const store = await storeWith(stored('records-v2'));
    const inTable = async (key: { pk: string; sk: string }) => (await getItem(store, key)) ?? {};
    const deployment = (id: string) => inTable({ pk: `DEP#${id}`, sk: 'DEP' }).then(deploymentFrom);
    expect(await deployment(ids.deployment)).toEqual({ ...ofVersion3(wholeDeployment), cost: NO_COST });
    expect(await deployment(ids.previous)).toEqual({
      ...ofVersion3({ ...wholeEnded, id: ids.previous }),
      cost: NO_COST,
    });
    // Every function had half a GB in the price then.
    expect(costFrom({ lambdaMs: 3000 }).gbSeconds).toBe(1.5);
  });

  test('of version 1 is read by this one', () => {
    const [saved, ...others] = stored('records-v1');
    expect(deploymentFrom(saved ?? {})).toEqual(deploymentOfVersion1);
    expect(slotFrom(others[0] ?? {})).toEqual(slotOfVersion1);
    expect(fromItem(others[1] ?? {})).toEqual({ job: aJob, proofs });
  });

  test('of project and environment of version 1 is read by this one, deployed to and written anew', async () => {
    const store = await storeWith(stored('settings-v1'));
    const { items: rows } = await listProjects(store, { limit: 10, order: 'asc' });
    expect(rows).toMatchObject([{ id: ids.project, health: 'unknown' }]);
    const request = { projectId: ids.project, method: 'api', strategy: 'all-at-once', force: false } as const;
    const { deployment } = await startDeployment(
      { store, artifacts: () => Promise.reject(new Error('there is nothing to look at')) },
      {
        actor: { tokenId: 'tok_1', subject: 'ann', kind: 'api', grants: [], groups: [] },
        body: request,
        mayDeploy: () => {},
        alsoWrite: () => [],
      },
    );
    expect(deployment.validation).toMatchObject({ passed: true, warnings: [] });
    const { slot } = await slotWithLine(store, ids.project, 'production');
    expect(slot.owner).toBe(deployment.id);
    expect((await getItem(store, { pk: `ENV#${ids.project}#production`, sk: 'SLOT' }))?.['v']).toBe(2);
  });
});
