import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { ulid } from 'ulid';
import { LOCAL_AWS } from '../../local/emulator/settings.ts';
import { startEmulator } from '../../local/emulator/start.ts';
import { INSTALL } from '../../local/paths.ts';
import { MUST_NOT_EXIST } from '../../shared/store/conditions.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import type { DeploymentFilters } from '../../shared/store/deployment-filters.ts';
import { deploymentItem } from '../../shared/store/deployment-item.ts';
import { listDeployments } from '../../shared/store/deployment-list.ts';
import { putItem } from '../../shared/store/engine.ts';
import { aDeployment } from '../support/records.ts';
import { createTables, SERVICE_TABLES } from '../support/tables.ts';
import { atMost, type Figure } from './figure.ts';
import { storeOn } from './store.ts';

const PROJECTS = [ulid(), ulid()].map((id) => `prj_${id}`);
const EACH = 60;
const NEWEST = 20;
const [projectId = ''] = PROJECTS;

/** The lists that people ask for: all, and one filter each. */
const LISTS: Readonly<Record<string, DeploymentFilters>> = {
  'all deployments': {},
  'a project': { projectId },
  'an environment': { projectId, environment: 'staging' },
  'a status': { projectId, statuses: ['building'] },
  'a person': { projectId, triggeredBy: 'ben' },
  'a ref': { projectId, sourceRef: 'release' },
};

/** What lists of the newest read for what they return, and in how many queries, on a real engine. */
export async function run(): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const emulator = await startEmulator({ dir, install: INSTALL, keepState: false });
  try {
    const { store, counts } = await filledStore(emulator.endpoint);
    const figures: Figure[] = [];
    for (const [name, filters] of Object.entries(LISTS)) {
      Object.assign(counts, { queries: 0, read: 0 });
      const { items } = await listDeployments(store, filters, { limit: NEWEST, order: 'desc' });
      if (items.length !== NEWEST) throw new Error(`The list of ${name} has ${items.length} rows.`);
      figures.push(
        atMost(`queries for the newest ${NEWEST} of ${name}`, counts.queries, 1, 'queries'),
        atMost(`rows read / returned of ${name}`, counts.read / items.length, 1, 'ratio'),
      );
    }
    return figures;
  } finally {
    await emulator.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

interface Counts {
  queries: number;
  read: number;
}

async function filledStore(endpoint: string): Promise<{ store: StoreContext; counts: Counts }> {
  const { accessKeyId, secretAccessKey, region } = LOCAL_AWS;
  const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const counts: Counts = { queries: 0, read: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      // Only a query's answer says how many rows were looked at.
      const { ScannedCount } = result.output as Partial<QueryCommandOutput>;
      if (ScannedCount !== undefined) {
        counts.queries += 1;
        counts.read += ScannedCount;
      }
      return result;
    },
    { step: 'initialize' },
  );
  const store = storeOn(client, await createTables(client, SERVICE_TABLES));
  for (let n = 0; n < EACH; n += 1)
    for (const project of PROJECTS) await putItem(store, one(project, n), MUST_NOT_EXIST);
  return { store, counts };
}

/** Every filter is true of every other deployment. */
function one(projectId: string, n: number) {
  const odd = n % 2 === 1;
  return deploymentItem(
    aDeployment({
      id: `dep_${ulid()}`,
      projectId,
      environment: odd ? 'staging' : 'production',
      status: odd ? 'building' : 'deploying',
      trigger: { kind: 'api', actor: odd ? 'ben' : 'ann' },
      source: { type: 'branch', ref: odd ? 'release' : 'main' },
      createdAt: new Date(Date.UTC(2025, 0, 15) + n * 60_000).toISOString(),
    }),
  );
}
