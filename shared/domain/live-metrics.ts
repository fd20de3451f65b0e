import type { Deployment } from './records.ts';
import type { StageOrSettle } from './status.ts';

/** What a deployment that runs is doing at this moment. */
export interface LiveMetrics {
  readonly stage: StageOrSettle;
  /** Seconds since it began, and since its present stage did. */
  readonly elapsedSeconds: number;
  readonly stageElapsedSeconds: number;
  /** Of its log: lines so far, bytes of their messages, and how fast they come now. */
  readonly lines: number;
  readonly bytes: number;
  readonly linesPerSecond: number;
}

/** A piece of the log: lines that were written together, the last of them at `until` (ms). */
export interface LogPiece {
  readonly count: number;
  readonly until: number;
}

/** A log as it stands: totals, and its latest pieces, newest first. */
export interface LogSoFar {
  readonly lines: number;
  readonly bytes: number;
  readonly latest: readonly LogPiece[];
}

export function liveMetricsOf(
  { stage, stages, startedAt, createdAt }: Pick<Deployment, 'stage' | 'stages' | 'startedAt' | 'createdAt'>,
  { lines, bytes, latest }: LogSoFar,
  now: number,
): LiveMetrics {
  const began = startedAt ?? createdAt;
  const stageBegan = stages.find(({ name }) => name === stage)?.startedAt ?? began;
  return {
    stage,
    elapsedSeconds: secondsSince(began, now),
    stageElapsedSeconds: secondsSince(stageBegan, now),
    lines,
    bytes,
    linesPerSecond: paceOf(latest, now),
  };
}

const secondsSince = (iso: string, now: number) => Math.max(0, Math.round((now - Date.parse(iso)) / 1000));

/** Lines a second from the oldest of the latest pieces until now, so that it sinks while nothing comes. */
function paceOf(latest: readonly LogPiece[], now: number): number {
  const oldest = latest.at(-1);
  if (oldest === undefined || latest.length < 2) return 0;
  const came = latest.slice(0, -1).reduce((sum, { count }) => sum + count, 0);
  const seconds = Math.max(1, (now - oldest.until) / 1000);
  return Math.round((came / seconds) * 10) / 10;
}
