import { StageFailed } from '../../shared/errors/deployments.ts';
import type { ProbeAddress, Serving } from '../../shared/targets/target.ts';
import type { TargetsDeps } from './deps.ts';
import { isKnown, withIntent } from './intents.ts';
import { probe } from './probe.ts';
import { repeatedly } from './repeatedly.ts';
import type { Work } from './work.ts';

/** Gives the release to so many percent of the visitors, and reads back that they get it. */
export async function moveTraffic(deps: TargetsDeps, work: Work, weight: number): Promise<Serving> {
  const { target, ctx, deployment, log } = work;
  const { environment } = deployment;
  const ours = async () => {
    const serving = await target.serving(ctx);
    return shareOf(serving, deployment.id) === weight ? serving : undefined;
  };
  const move = () =>
    withIntent<Serving | undefined>(
      deps,
      work,
      'activate',
      async (changing) => {
        if (weight === 100) await target.activate(changing);
        else if (target.shift !== undefined) await target.shift(changing, weight);
        else throw cannotShare(environment);
      },
      ours,
    );
  // Only what is known not to have taken effect: a switch that may still land is for the settlement to wait out.
  const seen = await repeatedly(deps, work, 'activate', move, async (error) => isKnown(error));
  const serving = seen ?? (await readBack(work, weight));
  const what = weight === 100 ? 'this release' : `this release to ${weight} % of its visitors`;
  log.add('info', `${environment} serves ${what}${serving.url === undefined ? '.' : ` at ${serving.url}`}`);
  return serving;
}

/** What the target says that it serves, which must be this release to so many percent. */
export async function readBack({ target, ctx, deployment }: Work, weight: number): Promise<Serving> {
  const serving = await target.serving(ctx);
  const share = shareOf(serving, deployment.id);
  if (share === weight) return serving;
  const found = serving.deploymentId ?? 'nothing of ours';
  const how = weight === 100 ? '' : `, and this release to ${share} % of its visitors, not ${weight} %`;
  throw new StageFailed(
    'RELEASE_FAILED',
    `After the switch ${deployment.environment} serves ${found}${how}.`,
    {
      fault: 'platform',
      suggestion: 'See whether somebody changed the target outside of Slipway, then deploy again.',
    },
  );
}

/** Percent of the visitors that get the release of a deployment. */
function shareOf({ deploymentId, shares = [] }: Serving, id: string): number {
  if (deploymentId !== id) return shares.find((share) => share.deploymentId === id)?.percent ?? 0;
  return shares.reduce((rest, { percent }) => rest - percent, 100);
}

const cannotShare = (environment: string) =>
  new StageFailed(
    'INVALID_CONFIG',
    `What hosts ${environment} cannot share its visitors between two releases.`,
  );

/** What the checks found, for the record. Throws where they fail. */
export async function checkLive(deps: TargetsDeps, { target, ctx, deployment, log }: Work): Promise<string> {
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
