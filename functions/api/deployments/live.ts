import { estimateRemaining } from '../../../shared/domain/estimate.ts';
import { liveMetricsOf } from '../../../shared/domain/live-metrics.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { recentSuccesses } from '../../../shared/store/deployment-list.ts';
import { lastChunks } from '../../../shared/store/log-chain.ts';
import type { Live } from '../../reads/view.ts';

/** Successes that are looked through for ones like this: other environments and strategies are among them. */
const LOOKED_THROUGH = 25;
/** Pieces of the log by which its pace is told. */
const PIECES = 5;

/** Two queries. What has ended or runs not is no error, but nothing. */
export async function liveOf(ctx: StoreContext, deployment: Deployment): Promise<Live> {
  if (isTerminal(deployment.status)) return {};
  const [past, [last, ...before]] = await Promise.all([
    recentSuccesses(ctx, deployment.projectId, LOOKED_THROUGH),
    lastChunks(ctx, deployment.id, PIECES),
  ]);
  const now = ctx.clock.now();
  const log = { lines: last?.lines ?? 0, bytes: last?.bytes ?? 0, latest: last ? [last, ...before] : [] };
  return {
    estimatedRemainingSeconds: estimateRemaining(deployment, past, now),
    liveMetrics: liveMetricsOf(deployment, log, now),
  };
}
