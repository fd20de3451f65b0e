import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { deploymentError } from '../../../shared/domain/deployment-errors.ts';
import { deploymentFrom, deploymentItem } from '../../../shared/store/deployment-item.ts';
import { getItem, type Item } from '../../../shared/store/engine.ts';
import { environmentItem } from '../../../shared/store/environment-item.ts';
import type { Job } from '../../../shared/store/job.ts';
import { fromItem, toItem } from '../../../shared/store/job-items.ts';
import { taskTokenKey } from '../../../shared/store/keys.ts';
import { slotFrom, slotItem } from '../../../shared/store/slot.ts';
import { answerStage, storeToken } from '../../../shared/store/task-tokens.ts';
import { AT, AT_MS, aDeployment, anEnvironment, ids } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { taskMachine } from '../../support/task-machine.ts';

/**
 * What stands in the tables of a running installation. A hash here changes only together with the `v` of its items
 * and with a reader that still takes the old ones (design, rule 17).
 */
const PINNED = {
  deployment: { v: 1, shape: '7dbf046621b61932' },
  slot: { v: 1, shape: '8bdde88189f4bbb1' },
  job: { v: 1, shape: '51f3dd37adfb0afb' },
  'task-token': { v: 1, shape: 'a9aecb3e4ea87466' },
} as const;

/** Every field that a deployment may have; the required ones come with it. */
const deployment = aDeployment({
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

/** What a deployment has besides where it has hooks, and stands among them. */
const withHooks = aDeployment({
  job: `${ids.deployment}.hook.1`,
  activation: { round: 1, enteredAt: AT, work: { kind: 'hook', hook: 0 }, passed: true },
  overrides: { hooks: { post: [{ type: 'command', name: 'smoke', command: 'true' }] } },
  snapshot: {
    ...aDeployment().snapshot,
    hooks: {
      pre: [
        {
          type: 'http',
          name: 'announce',
          url: 'https://example.com',
          method: 'PUT',
          headers: {},
          secret: 'KEY',
          expectStatus: 204,
          timeoutSeconds: 5,
        },
      ],
      post: [{ type: 'command', name: 'smoke', command: 'true', timeoutSeconds: 5, onRollback: true }],
      onPostFailure: 'warn',
    },
  },
  hooks: [
    {
      phase: 'post',
      name: 'smoke',
      type: 'command',
      status: 'failed',
      startedAt: AT,
      finishedAt: AT,
      exitCode: 1,
      message: 'Exit 1.',
    },
  ],
});

const slot = {
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

const job: Job = {
  id: 'job_01JHN000000000000000000000',
  jobKey: `${ids.deployment}.build.0`,
  kind: 'build',
  round: 0,
  deploymentId: ids.deployment,
  projectId: ids.project,
  environment: 'production',
  runner: { kind: 'agent', label: 'default' },
  timeouts: { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 },
  offeredAt: AT,
  claimDeadline: AT_MS,
  state: 'claimed',
  claim: { by: 'laptop', tokenId: 'tok_1', at: AT },
};
const proofs = { tokenSalt: 's', ticketHash: 'h', nonceHash: 'h', tokenHash: 'h' };

/** Paths and types of an item; what is data itself (configuration, keys that users choose) is empty above. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${path}:[]`] : shapeOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null)
    return [`${path}:${value === null ? 'null' : typeof value}`];
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return fields.length === 0
    ? [`${path}:{}`]
    : fields.flatMap(([name, field]) => shapeOf(field, `${path}.${name}`));
}

const hashOf = (item: Item) =>
  createHash('sha256')
    .update(JSON.stringify(shapeOf(item).sort()))
    .digest('hex')
    .slice(0, 16);

/** A deployment, a slot and a job as that version stored them, a line each. These files stay. */
function stored(version: number): Item[] {
  const file = new URL(`../../fixtures/stored/records-v${version}.ndjson`, import.meta.url);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** What hooks add is optional, so the version of their items is that of before; its form is pinned all the same. */
const PINNED_WITH_HOOKS = {
  deployment: { v: 1, shape: '6df4543735de9de7' },
  job: { v: 1, shape: 'd207d38bfd7abb30' },
  'task-token': { v: 1, shape: 'e8aeffb8ae793aae' },
  environment: { v: 1, shape: 'cd1617faa077091b' },
} as const;

let store: TestStore;
const added: Record<string, Item> = {};
const items: Record<string, Item> = {};

beforeAll(async () => {
  store = await freshStore();
  const machine = taskMachine();
  await storeToken(store, machine, ids.deployment, 'build', 0, { token: 't', enteredAt: AT, retryCount: 0 });
  await answerStage(store, machine, ids.deployment, 'build', 0, { ok: false, code: 'BUILD_FAILED' });
  items['task-token'] = (await getItem(store, taskTokenKey(ids.deployment, 'build', 0))) ?? {};
  items['deployment'] = deploymentItem(deployment);
  items['slot'] = slotItem(slot);
  items['job'] = toItem(job, proofs);
  await storeToken(store, machine, ids.deployment, 'activate', 1, {
    token: 't',
    enteredAt: AT,
    retryCount: 0,
  });
  await answerStage(store, machine, ids.deployment, 'activate', 1, { ok: true, more: true, next: 'hook' });
  added['task-token'] = (await getItem(store, taskTokenKey(ids.deployment, 'activate', 1))) ?? {};
  added['deployment'] = deploymentItem(withHooks);
  added['job'] = toItem({ ...job, withHooks: true }, proofs);
  added['environment'] = environmentItem(anEnvironment({ hooks: withHooks.snapshot.hooks }));
});

describe('the stored shape', () => {
  test.each(Object.entries(PINNED))('of a %s is what its version says', (kind, pinned) => {
    const item = items[kind] ?? {};
    const found = { kind: item['kind'], v: item['v'], shape: hashOf(item) };
    expect(found, shapeOf(item).sort().join('\n')).toEqual({ kind, ...pinned });
  });

  test.each(Object.entries(PINNED_WITH_HOOKS))(
    'of a %s with hooks is what its version says',
    (kind, pinned) => {
      const item = added[kind] ?? {};
      const found = { kind: item['kind'], v: item['v'], shape: hashOf(item) };
      expect(found, shapeOf(item).sort().join('\n')).toEqual({ kind, ...pinned });
    },
  );

  test('of version 1 is read by this one', () => {
    const [saved, ...others] = stored(1);
    expect(deploymentFrom(saved ?? {})).toEqual(deployment);
    expect(slotFrom(others[0] ?? {})).toEqual(slot);
    expect(fromItem(others[1] ?? {})).toEqual({ job, proofs });
  });
});
