import type { Deployment, StageRecord } from './records.ts';
import { isTerminal, type StageOrSettle, type Status } from './status.ts';

/** How long the stages of a deployment took, in seconds; what was skipped took none. */
export type StageSeconds = Readonly<Partial<Record<StageOrSettle, number>>>;

/** Stages whose length says something about the next deployment. The gate's depends on people and on other work. */
const MEASURED = ['build', 'release', 'verify', 'activate', 'settle'] as const;

/** When these end is up to others: people, other deployments, whatever a cancel has to stop. */
const OPEN_ENDED: readonly Status[] = ['scheduled', 'queued', 'awaiting-approval', 'held', 'canceling'];

/** Rounded to tenths, which is more than an estimate can promise. */
const tenths = (seconds: number) => Math.round(Math.max(0, seconds) * 10) / 10;

export function stageSecondsOf(stages: readonly StageRecord[]): StageSeconds {
  const taken = stages.flatMap(({ name, startedAt, finishedAt }) =>
    startedAt === undefined || finishedAt === undefined
      ? []
      : [[name, tenths((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)] as const],
  );
  return Object.fromEntries(taken);
}

/** What is compared: deployments that did other work say nothing about this one. */
export interface PastDeployment {
  readonly type: Deployment['type'];
  readonly environment: string;
  readonly strategy: Deployment['strategy'];
  readonly stageSeconds?: StageSeconds | undefined;
}

/** So many of the latest ones count: enough for a median, few enough to follow a project that changes. */
const COUNTED = 7;

/**
 * Seconds that a deployment will probably still take: what is left of its stage and the stages behind it, each as long
 * as the median of the latest successful ones like it. Undefined where nothing is known, or where it waits for others.
 * @param past newest first
 */
export function estimateRemaining(
  deployment: Pick<Deployment, 'status' | 'type' | 'environment' | 'strategy' | 'stages' | 'rollout'>,
  past: readonly PastDeployment[],
  now: number,
): number | undefined {
  const { status, type, environment, strategy, stages, rollout } = deployment;
  if (isTerminal(status) || OPEN_ENDED.includes(status)) return undefined;
  const like = past
    .filter((one) => one.type === type && one.environment === environment && one.strategy === strategy)
    .flatMap(({ stageSeconds }) => (stageSeconds === undefined ? [] : [stageSeconds]))
    .slice(0, COUNTED);
  if (like.length === 0) return undefined;
  const left = MEASURED.reduce((sum, name) => {
    const record = stages.find((one) => one.name === name);
    const usual = median(like.map((seconds) => seconds[name] ?? 0));
    return sum + stillIn(record, usual, now);
  }, 0);
  const bake = rollout?.until === undefined ? 0 : (Date.parse(rollout.until) - now) / 1000;
  return Math.ceil(Math.max(left, bake));
}

function stillIn(record: StageRecord | undefined, usual: number, now: number): number {
  if (record?.finishedAt !== undefined) return 0;
  const elapsed = record?.startedAt === undefined ? 0 : (now - Date.parse(record.startedAt)) / 1000;
  return Math.max(0, usual - elapsed);
}

/** Of an even number, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = 0, high = 0] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (low + high) / 2;
}
