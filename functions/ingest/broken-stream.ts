import { LogEnded, OffsetMismatch } from '../../shared/errors/logs.ts';
import { publishLines } from '../../shared/platform/sockets.ts';
import { addSystemLine } from '../../shared/store/system-log.ts';
import type { Visit } from './visit.ts';

/**
 * Says in the deployment's own log that its lines do not get through: whoever reads it sees no gap, and shall know
 * why it stood still. Once, until they get through again. Its own failure changes nothing: the runner sends again,
 * and the service's log has it.
 */
export async function sayBroken(
  { store, deps, job, notes, log }: Visit,
  what: 'stored' | 'shown to viewers',
  error: unknown,
): Promise<void> {
  const isProtocol = error instanceof OffsetMismatch || error instanceof LogEnded;
  if (isProtocol || notes.broken === true) return;
  notes.broken = true;
  // Not its message, which may repeat what was sent.
  const why = error instanceof Error ? error.name : 'unknown error';
  const message = `Log streaming failed: lines could not be ${what} (${why}). ${NEXT[what]}`;
  try {
    const line = { level: 'error', step: 'log', message } as const;
    const written = await addSystemLine(store, job.deploymentId, 'ingest', line, { tails: deps.tails });
    await publishLines({ ...deps.publishing, store }, job.deploymentId, written);
  } catch (cause) {
    log.warn('A broken log stream could not be told', { error: cause });
  }
}

const NEXT = {
  stored: 'The runner sends them again.',
  'shown to viewers': 'They are stored: viewers ask for what they missed.',
} as const;
