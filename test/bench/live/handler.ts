import * as z from 'zod/mini';
import { claimedJob } from '../../support/claimed-job.ts';
import { leftForWorkers } from '../../support/viewers.ts';
import { watch } from '../../support/watching.ts';
import { storeOn } from '../store.ts';
import { clientOf } from './dynamodb-local/client.ts';
import { ingestOn } from './ingest.ts';
import { batch, type FromHandler } from './throughput-messages.ts';

/**
 * A process of ingest with deployments of its own, told by its parent what runners post; arguments: how many, and where
 * the tables are. It tells of each answer, of each frame for the viewer of a deployment, and how much memory it needs.
 */
const tell = (message: FromHandler) => process.send?.(message);
const [count, endpoint = '', records = '', live = ''] = process.argv.slice(2);
const store = storeOn(clientOf(endpoint), { records, live });
const jobs: Awaited<ReturnType<typeof claimedJob>>[] = [];
for (let n = 0; n < z.coerce.number().parse(count); n += 1) {
  const job = await claimedJob(store);
  // The viewer of a deployment goes by its number.
  await watch(store, `deployment:${job.deployment.id}`, [String(n)]);
  jobs.push(job);
}
const ingest = ingestOn({
  store,
  poster: {
    post: async (viewer, frame) => {
      tell({ kind: 'frame', job: Number(viewer), frame });
      return 'sent';
    },
  },
  fanOut: leftForWorkers(),
});
process.on('message', async (message) => {
  const { job, body } = batch.parse(message);
  const { jobKey = '', jobToken = '' } = jobs[job] ?? {};
  const { status } = await ingest(`/v1/jobs/${jobKey}/lines`, jobToken, body);
  const { heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  tell({ kind: 'answer', job, status, memory: heapUsed + external, busy: user + system });
});
tell({ kind: 'ready' });
