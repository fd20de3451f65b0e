import type { Deployment } from '../../shared/domain/records.ts';
import type { TargetsDeps } from './deps.ts';
import { msUntil } from './intents.ts';

/**
 * The signal for the work of a stage: it fires with the function's own time, or with the deadline on the record where
 * that comes first, so that a stage that takes too long says so itself, and the sweep only ends what cannot.
 */
export function withinStage(deps: TargetsDeps, { deadlines }: Deployment, signal: AbortSignal): AbortSignal {
  const { stage = Number.POSITIVE_INFINITY, total = Number.POSITIVE_INFINITY } = deadlines;
  const end = Math.min(stage, total);
  return Number.isFinite(end) ? AbortSignal.any([signal, AbortSignal.timeout(msUntil(deps, end))]) : signal;
}
