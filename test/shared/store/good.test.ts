import { describe, expect, test } from 'vitest';
import { transact } from '../../../shared/store/engine.ts';
import { createEnvironment } from '../../../shared/store/environments.ts';
import { getGood, goodNoted } from '../../../shared/store/good.ts';
import { surroundingsOf } from '../../../shared/store/prerequisites.ts';
import { createProject } from '../../../shared/store/projects.ts';
import { slotItem, slotWithLine } from '../../../shared/store/slot.ts';
import { aDeployment, anEnvironment, aProject, ids } from '../../support/records.ts';
import { spentBy } from '../../support/spent.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

const commitOf = (n: number) => n.toString(16).padStart(40, '0');

/** As the settling transaction notes it. */
async function succeeded(store: TestStore, n: number, id: string = ids.deployment): Promise<void> {
  const source = { type: 'branch', ref: 'main', commit: { sha: commitOf(n) } } as const;
  const write = goodNoted(aDeployment({ id, status: 'succeeded', source }));
  if (write !== undefined) await transact(store, [write]);
}
const good = (store: TestStore, n: number) => getGood(store, ids.project, 'production', commitOf(n));

describe('that something succeeded', () => {
  test('is kept for each content, whatever comes after it', async () => {
    const store = await freshStore();
    await succeeded(store, 1);
    await succeeded(store, 2, ids.previous);
    expect(await good(store, 1)).toMatchObject({ deploymentId: ids.deployment, versionId: ids.version });
    expect(await good(store, 2)).toMatchObject({ deploymentId: ids.previous });
    expect(await good(store, 3)).toBeUndefined();
    await succeeded(store, 1, ids.previous);
    expect(await good(store, 1)).toMatchObject({ deploymentId: ids.previous });
  });

  test.each(['failed', 'canceled', 'timeout'] as const)('is not said of what ended %s', (status) => {
    const source = { type: 'commit', ref: commitOf(1) } as const;
    expect(goodNoted(aDeployment({ status, source }))).toBeUndefined();
  });

  test('costs nobody who reads the slot anything, however much succeeded there', async () => {
    const store = await freshStore();
    const slot = { projectId: ids.project, environment: 'production', fence: 1, line: 1 };
    await transact(store, [{ put: slotItem(slot), condition: { expression: 'attribute_not_exists(pk)' } }]);
    for (let n = 0; n < 60; n += 1) await succeeded(store, n);
    const { readUnits } = await spentBy(async () => {
      expect((await slotWithLine(store, ids.project, 'production')).slot).toEqual(slot);
    });
    expect(readUnits).toBeLessThanOrEqual(1);
  });
});

describe('what a start depends on elsewhere', () => {
  const API = 'prj_01JHN000000000000000000009';
  const nothingStored = async () => ({ stored: async () => undefined });
  const place = {
    project: aProject({ dependsOn: [API, 'prj_01JHN000000000000000000008'] }),
    environment: anEnvironment({ promoteFrom: ['staging', 'gone'] }),
    source: { type: 'commit', ref: commitOf(1) } as const,
    artifact: undefined,
    at: 0,
  };

  test('is looked at in as many reads as there are things to look at', async () => {
    const store = await freshStore();
    await transact(store, [
      ...createProject(aProject({ id: API, name: 'api' })),
      createEnvironment(anEnvironment({ projectId: API })),
      createEnvironment(
        anEnvironment({ projectId: API, name: 'staging', type: 'staging', isDefault: false }),
      ),
      createEnvironment(anEnvironment({ name: 'staging', type: 'staging', isDefault: false })),
    ]);
    const looking = Promise.withResolvers<Awaited<ReturnType<typeof surroundingsOf>>>();
    const { calls } = await spentBy(async () =>
      looking.resolve(await surroundingsOf({ store, artifacts: nothingStored }, place)),
    );
    const found = await looking.promise;
    expect(found.dependencies).toEqual([
      { id: API, state: 'not-live' },
      { id: 'prj_01JHN000000000000000000008', state: 'gone' },
    ]);
    expect(found.promotions.map(({ environment, since }) => [environment, since !== undefined])).toEqual([
      ['staging', true],
      ['gone', false],
    ]);
    expect(found).toMatchObject({ artifact: undefined, hold: undefined });
    // Two projects, one slot, two environments with what succeeded in each, all freezes.
    expect(calls).toBe(8);
  });

  test('says what the bucket has in place of an artifact', async () => {
    const store = await freshStore();
    const artifact = { key: 'uploads/a.zip', digest: 'a'.repeat(64), size: 1, files: 1 };
    const lone = { ...place, project: aProject(), environment: anEnvironment(), artifact };
    const found = await surroundingsOf({ store, artifacts: nothingStored }, lone);
    expect(found.artifact).toEqual({ artifact, stored: undefined });
  });
});
