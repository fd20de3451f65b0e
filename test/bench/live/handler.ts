import * as z from 'zod/mini';
import { claimedJob } from '../../support/claimed-job.ts';
import { leftForWorkers } from '../../support/viewers.ts';
import { watch } from '../../support/watching.ts';
import { stores } from './hops.ts';
import { ingestOn } from './ingest.ts';
import { batch, type FromHandler } from './throughput-messages.ts';

/**
 * A process of ingest with deployments of its own, told by its parent what runners post; argument: how many. It tells of
 * each answer, of each frame for the viewer of a deployment, and how much memory it needs, the tables included.
 */
const tell = (message: FromHandler) => process.send?.(message);
const { quick: store } = stores();
const jobs: Awaited<ReturnType<typeof claimedJob>>[] = [];
for (let n = 0; n < z.coerce.number().parse(process.argv[2]); n += 1) {
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
