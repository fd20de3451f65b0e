import type { JobKind } from '../../shared/contracts/jobs.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { claimNextJob } from '../../shared/store/job-claims.ts';
import { offerJob } from '../../shared/store/jobs.ts';
import { givenDeployment, givenProject } from './given.ts';

/** One more project, deployment and claimed build in the same store. */
export async function claimedJob(store: StoreContext, kind: JobKind = 'build') {
  const given = await givenProject(store);
  const deployment = await givenDeployment(store, given, { status: 'building', stage: 'build' });
  const { job } = await offerJob(store, {
    deploymentId: deployment.id,
    projectId: given.project.id,
    environment: given.environment.name,
    kind,
    round: 0,
    runner: { kind: 'agent', label: 'default' },
    timeouts: { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 },
  });
  const claimed = await claimNextJob(store, {
    tokenId: 'tok_1',
    nonce: `a-nonce-of-this-test-${deployment.id.slice(-8)}`,
    name: 'host-1',
    label: 'default',
    kinds: ['build', 'resolve'],
    serves: () => true,
  });
  if (claimed === undefined) throw new Error('the job was not claimed');
  return { deployment, jobKey: job.jobKey, jobToken: claimed.jobToken };
}
