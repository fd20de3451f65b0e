import { beat } from '../../shared/store/heartbeats.ts';
import { heartbeatStage } from '../../shared/store/task-heartbeats.ts';
import type { Visit } from './visit.ts';

/**
 * A job's heartbeat is written at most this often (ms); its limit is 60 s by default and 5 s at the least. A runner gives
 * up by itself after 45 s, so that one which is taken for lost was silent for longer.
 */
const BEAT_MS = 15_000;
/** The machine's own silence limit is an hour and more; it hears of a job this often (ms). */
const MACHINE_MS = 300_000;

/**
 * Notes that the runner was heard of, sparingly: a busy job posts four times a second, and lines of it that have just
 * been put into the log (`wrote`) are note enough.
 * The store's beat comes first, since the sweep goes by it; the machine's timer is a ceiling only.
 */
export async function noteLife(visit: Visit, { wrote }: { readonly wrote: boolean }): Promise<void> {
  const { store, job, notes } = visit;
  const now = store.clock.now();
  const everyMs = Math.min(BEAT_MS, (job.timeouts.heartbeatSeconds * 1000) / 3);
  if (wrote) notes.beatAt = now;
  else if (now - notes.beatAt >= everyMs) {
    await beat(store, job.jobKey);
    notes.beatAt = now;
  }
  if (job.kind === 'resolve' || now - notes.machineAt < MACHINE_MS) return;
  notes.machineAt = now;
  const machine = await visit.deps.machine();
  // Round 0 of a hook's job is in the build stage: the activation's round 0 moves traffic.
  const stage = job.kind === 'hook' && job.round > 0 ? 'activate' : 'build';
  await heartbeatStage(store, machine, job.deploymentId, stage, job.round);
}
