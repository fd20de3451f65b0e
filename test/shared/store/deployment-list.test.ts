import { beforeEach, describe, expect, test } from 'vitest';
import { rowOf } from '../../../shared/domain/deployment-row.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { MUST_NOT_EXIST } from '../../../shared/store/conditions.ts';
import { createDeployment } from '../../../shared/store/deployment-creation.ts';
import type { DeploymentFilters } from '../../../shared/store/deployment-filters.ts';
import { deploymentItem } from '../../../shared/store/deployment-item.ts';
import {
  countDeployments,
  listDeployments,
  openDeploymentsOf,
} from '../../../shared/store/deployment-list.ts';
import { changeWith, getSlot, requireDeployment } from '../../../shared/store/deployments.ts';
import { putItem, queryPage } from '../../../shared/store/engine.ts';
import { deploymentsOf } from '../../../shared/store/keys.ts';
import { takenBy } from '../../../shared/store/slot.ts';
import { INDEX, SUMMARY } from '../../../shared/store/tables.ts';
import { aDeployment, ids } from '../../support/records.ts';
import { freshStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
beforeEach(async () => {
  store = await freshStore();
});

async function stored(environment: string, changes: object = {}): Promise<string> {
  store.clock.advance(1000);
  const id = `dep_${store.random.ulid(store.clock.now())}`;
  // Nothing here ends a deployment, so the union's member stays.
  const deployment = aDeployment({ ...changes, id, environment } as never);
  const free = await getSlot(store, deployment.projectId, environment);
  const taken = takenBy(free, id, deployment.createdAt, 'deployment');
  await createDeployment(store, { deployment, free, taken }, []);
  return id;
}

const projectId = ids.project;
const listed = async (filters: DeploymentFilters = {}) =>
  (await listDeployments(store, { projectId, ...filters }, { limit: 20, order: 'asc' })).items;
const idsOf = async (filters: DeploymentFilters) => (await listed(filters)).map(({ id }) => id);

/** What the index of the project holds of its deployments. */
async function rows() {
  const { name, partition } = INDEX.byProject;
  const values = { ':pk': deploymentsOf(projectId) };
  const where = { expression: '#pk = :pk', names: { '#pk': partition }, values };
  return (await queryPage(store, { index: name, where })).items.map((item) => item[SUMMARY]);
}

describe('the row of a deployment that goes on', () => {
  test('stays as it was made, however far the deployment has come, so that its indexes are not written', async () => {
    const id = await stored('staging', { status: 'initializing' });
    const made = await rows();
    await changeWith(store, id, () => ({
      status: 'building',
      stage: 'build',
      progress: 20,
      url: 'https://x.test',
    }));
    await changeWith(store, id, () => ({
      status: 'deploying',
      stage: 'release',
      progress: 60,
      note: 'placing',
    }));
    expect(await rows()).toEqual(made);
  });

  test('is shown as its record stands', async () => {
    const id = await stored('staging', { status: 'initializing' });
    await changeWith(store, id, () => ({ status: 'building', stage: 'build', progress: 37 }));
    expect(await listed()).toEqual([rowOf(await requireDeployment(store, id))]);
    const { records } = await listDeployments(store, { projectId }, { limit: 20, order: 'asc' });
    expect([...records.keys()]).toEqual([id]);
  });

  test('that an older version stored says how it stood, and is shown as it stands', async () => {
    const old: Deployment = aDeployment({ status: 'building', stage: 'build', progress: 20 });
    const stands = {
      ...deploymentItem(old),
      [SUMMARY]: rowOf({ ...old, status: 'initializing', stage: 'gate' }),
      v: 5,
    };
    await putItem(store, stands, { expression: 'attribute_not_exists(pk)' });
    expect(await listed()).toMatchObject([{ id: old.id, status: 'building', stage: 'build', progress: 20 }]);
    expect(await listed({ stage: 'gate' })).toEqual([]);
  });
});

describe('a list by what changes', () => {
  test('goes by how each stands now, and counts the same', async () => {
    const building = await stored('staging', { status: 'building', stage: 'build' });
    const held = await stored('production', { status: 'held' });
    const releasing = await stored('preview', { status: 'building', stage: 'build' });
    await changeWith(store, releasing, () => ({ status: 'deploying', stage: 'release' }));
    const lists: [DeploymentFilters, string[]][] = [
      [{ stage: 'build' }, [building]],
      [{ stage: 'release', environment: 'preview' }, [releasing]],
      [{ stage: 'release', environment: 'staging' }, []],
      [{ statuses: ['held'] }, [held]],
      [{ statuses: ['building', 'deploying'] }, [building, releasing]],
      [{ releaseState: 'none' }, [building, held, releasing]],
      [{ releaseState: 'active' }, []],
    ];
    for (const [filters, expected] of lists) {
      expect(await idsOf(filters), JSON.stringify(filters)).toEqual(expected);
      expect(await countDeployments(store, { projectId, ...filters })).toBe(expected.length);
    }
  });

  test('of the open ones is of those that the caller may see, the newest of many', async () => {
    const all = [
      await stored('staging'),
      await stored('production', { status: 'held' }),
      await stored('preview'),
    ];
    const open = (limit: number, of: readonly string[]) =>
      openDeploymentsOf(store, projectId, { limit, visible: ({ environment }) => of.includes(environment) });
    expect(await open(9, ['staging', 'production', 'preview'])).toEqual(all);
    expect(await open(2, ['staging', 'production', 'preview'])).toEqual(all.slice(1));
    expect(await open(9, ['production'])).toEqual(all.slice(1, 2));
  });

  test('of the open ones has one once that changes its status while they are queried', async () => {
    const id = await stored('staging', { status: 'building' });
    // As the index shows it a moment later.
    const later = { ...deploymentItem(aDeployment({ id, status: 'deploying' })), sk: 'LATER' };
    await putItem(store, later, MUST_NOT_EXIST);
    expect(await openDeploymentsOf(store, projectId, { limit: 9, visible: () => true })).toEqual([id]);
  });
});
