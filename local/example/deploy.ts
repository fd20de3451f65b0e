import { setTimeout as sleep } from 'node:timers/promises';
import { watch } from '../../client/src/cli/live/watch.ts';
import { terminalOf } from '../../client/src/cli/output.ts';
import { unwrap } from '../../client/src/result.ts';
import type { Slipway } from '../../client/src/slipway.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { StartFailure } from '../failure.ts';
import { EXAMPLE } from './project.ts';
import { EXAMPLE_BRANCH } from './repository.ts';

/**
 * How long a deployment that an earlier run left in the middle may take to be settled: the heartbeat of its
 * runner (60 s), the sweep that finds it (60 s), and room.
 */
const SETTLE_MS = 4 * 60_000;

/** More than any build of it takes; a deployment that hangs has longer deadlines of its own. */
const DEPLOY_MS = 10 * 60_000;

/** Deploys the example, shows stages and lines as they come, and answers with how it ended. */
export async function deployExample(
  slipway: Slipway,
  projectId: string,
  say: (line: string) => void,
): Promise<DeploymentView> {
  const started = await startWhenFree(slipway, projectId, say);
  const ended = await followToItsEnd(slipway, started.id);
  if (ended.status === 'succeeded') return ended;
  const { error } = ended;
  const reason = error === undefined ? '' : ` in ${error.stage}: ${error.message} ${error.suggestion}`;
  throw new StartFailure(`The example's deployment ${ended.id} ended as ${ended.status}${reason}`);
}

/** A run that was cut off holds its environment until the service has settled it. */
async function startWhenFree(
  { deployments }: Slipway,
  projectId: string,
  say: (line: string) => void,
): Promise<DeploymentView> {
  const until = performance.now() + SETTLE_MS;
  const request = {
    projectId,
    environment: EXAMPLE.environment,
    source: { type: 'branch', ref: EXAMPLE_BRANCH },
    message: 'npm start',
  } as const;
  for (let told = false; ; told = true) {
    const answer = await deployments.start(request);
    if (answer.ok) return answer.value;
    if (answer.error.code !== 'ALREADY_RUNNING' || performance.now() > until)
      throw new StartFailure(answer.error.message);
    if (!told)
      say(
        'A deployment of an earlier run was cut off; waiting until it is settled (two minutes at most) ...',
      );
    await sleep(1_000);
  }
}

async function followToItsEnd(slipway: Slipway, id: string): Promise<DeploymentView> {
  const signal = AbortSignal.timeout(DEPLOY_MS);
  try {
    await watch({ terminal: terminalOf(process, false), now: () => Date.now(), signal }, slipway, id);
    return unwrap(await slipway.deployments.waitFor(id, { signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new StartFailure(
      `The example's deployment ${id} was not over after ${DEPLOY_MS / 60_000} minutes.`,
    );
  }
}
