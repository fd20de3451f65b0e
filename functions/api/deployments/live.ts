import { estimateRemaining } from '../../../shared/domain/estimate.ts';
import { liveMetricsOf } from '../../../shared/domain/live-metrics.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import { lastChunks } from '../../../shared/store/log-chain.ts';
import type { Live } from '../../reads/view.ts';
import type { ApiDeps } from '../deps.ts';

/** Pieces of the log by which its pace is told. */
const PIECES = 5;

/** Two queries. What has ended or runs not is no error, but nothing. */
export async function liveOf({ store, known }: ApiDeps, deployment: Deployment): Promise<Live> {
  if (isTerminal(deployment.status)) return {};
  const [past, [last, ...before]] = await Promise.all([
    known.history(store, deployment.projectId),
    lastChunks(store, deployment.id, PIECES),
  ]);
  const now = store.clock.now();
  const log = { lines: last?.lines ?? 0, bytes: last?.bytes ?? 0, latest: last ? [last, ...before] : [] };
  return {
    estimatedRemainingSeconds: estimateRemaining(deployment, past, now),
    liveMetrics: liveMetricsOf(deployment, log, now),
  };
}
