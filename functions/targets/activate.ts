import type * as z from 'zod/mini';
import type { activateState } from '../../shared/contracts/steps.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { beginStage, finishStage, stageDone, stageOf } from '../../shared/store/deployments.ts';
import type { ProbeAddress, Serving } from '../../shared/targets/target.ts';
import type { TargetsDeps } from './deps.ts';
import { withIntent } from './intents.ts';
import { asThrown, noteFailure } from './outcome.ts';
import { probe } from './probe.ts';
import { withinStage } from './within-stage.ts';
import { openWork, type Work } from './work.ts';

/**
 * Makes the release live: intent, switch, read back, live checks. Forward only: whatever fails is noted and
 * thrown, and the settlement goes back.
 */
export async function activate(
  deps: TargetsDeps,
  call: z.infer<typeof activateState>,
  untilCut: AbortSignal,
): Promise<void> {
  const deployment = await beginStage(deps.store, call.deploymentId, 'activate', call);
  if (stageDone(deployment, 'activate')) return;
  const signal = withinStage(deps, deployment, untilCut);
  let work: Work | undefined;
  try {
    const attempt = stageOf(deployment, 'activate')?.attempts ?? 1;
    work = await openWork(deps, deployment, { step: 'activate', producer: `activate.${attempt}`, signal });
    const { url } = await makeLive(deps, work);
    const message = await checkLive(deps, work);
    await finishStage(deps.store, deployment.id, 'activate', {
      message,
      facts: url === undefined ? {} : { url },
    });
  } catch (error) {
    throw asThrown(await noteFailure(deps, deployment, 'activate', error, { log: work?.log, signal }));
  } finally {
    await work?.log.settled();
  }
}

async function makeLive(deps: TargetsDeps, work: Work): Promise<Serving> {
  const { target, ctx, deployment, log } = work;
  const ours = async () => {
    const serving = await target.serving(ctx);
    return serving.deploymentId === deployment.id ? serving : undefined;
  };
  const seen = await withIntent<Serving | undefined>(
    deps,
    work,
    'activate',
    (changing) => target.activate(changing).then(() => undefined),
    ours,
  );
  const serving = seen ?? (await target.serving(ctx));
  if (serving.deploymentId !== deployment.id) {
    const found = serving.deploymentId ?? 'nothing of ours';
    throw new StageFailed('RELEASE_FAILED', `After the switch ${deployment.environment} serves ${found}.`, {
      fault: 'platform',
      suggestion: 'See whether somebody changed the target outside of Slipway, then deploy again.',
    });
  }
  log.add(
    'info',
    `${deployment.environment} serves this release${serving.url === undefined ? '.' : ` at ${serving.url}`}`,
  );
  return serving;
}

/** What the checks found, for the record. */
async function checkLive(deps: TargetsDeps, { target, ctx, deployment, log }: Work): Promise<string> {
  const { healthCheck } = deployment.snapshot;
  const address = ownAddress(healthCheck?.url) ?? (await target.liveAddress(ctx));
  if (address === undefined) {
    const message = 'The target names no public address and the environment has none to check.';
    log.add('warn', message);
    return message;
  }
  const parts = {
    fetch: deps.fetch,
    clock: deps.store.clock,
    signal: ctx.signal,
    missed: (message: string) => log.add('info', message),
  };
  const result = await probe(parts, address, healthCheck);
  if (!result.passed)
    throw new StageFailed('LIVE_CHECK_FAILED', `The live release fails its check: ${result.message}`);
  const message = `The live release passes its check: ${result.message}`;
  log.add('info', message);
  return message;
}

/** What the environment names instead of its address may be anything, so no header can be asked of it. */
const ownAddress = (url: string | undefined): ProbeAddress | undefined =>
  url === undefined ? undefined : { url, headers: {} };
