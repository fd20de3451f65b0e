import { type Around, previousGoodAfter, switchedBack } from '../domain/after-ending.ts';
import { closedRuns, openPosts } from '../domain/hook-runs.ts';
import { withPostChecks } from '../domain/post-checks.ts';
import type { Deployment, StageRecord } from '../domain/records.ts';
import type { Ending } from '../domain/settlement.ts';
import { isTerminal } from '../domain/status.ts';
import { isoTime } from '../platform/clock.ts';
import { changed } from './deployment-changes.ts';
import { withStage } from './stage-records.ts';

/** The record as it ends. One that ended before, while its target drained, only learns what is served. */
export function endedRecord(deployment: Deployment, ending: Ending, now: number): Deployment {
  if (isTerminal(deployment.status)) {
    return changed(
      deployment,
      { releaseState: ending.releaseState, draining: ending.draining, calls: {} },
      now,
    );
  }
  const at = isoTime(now);
  const started = Date.parse(deployment.startedAt ?? deployment.createdAt);
  const next = {
    ...deployment,
    status: ending.status,
    releaseState: ending.releaseState,
    ...(ending.error === undefined ? {} : { error: ending.error }),
    ...(ending.status === 'succeeded' ? { progress: 100 } : {}),
    ...(ending.active !== 'same' && ending.releaseState === 'active' && ending.active.url !== undefined
      ? { url: ending.active.url }
      : {}),
    stage: 'settle' as const,
    currentStep: 'done',
    note: undefined,
    stages: closedStages(deployment, at, ending),
    ...closedHooks(deployment, at, ending),
    deadlines: {},
    calls: ending.draining ? deployment.calls : {},
    seen: deployment.wake,
    closing: true,
    draining: ending.draining,
    finishedAt: at,
    durationSeconds: Math.max(0, Math.round((now - started) / 1000)),
    updatedAt: at,
    revision: deployment.revision + 1,
  };
  const validation = withPostChecks(next, ending);
  // decideSettlement gives an error for every ending but succeeded and canceled, as the union demands.
  return { ...next, validation } as unknown as Deployment;
}

/** The record with what a later rollback of it goes back to, or with how it was left. */
export function remembering(around: Around, at: string): Deployment {
  const { ended, active } = around;
  if (active === ended.id) return { ...ended, previousGood: previousGoodAfter(around) };
  if (ended.releaseState !== 'rolled-back') return ended;
  return { ...ended, rolledBack: ended.rolledBack ?? switchedBack(ended, at) };
}

/** Hooks that it never came to, and the one that was cut off with it: where it succeeded all the same, a warning. */
function closedHooks(deployment: Deployment, at: string, { status }: Ending) {
  const hooks = closedRuns(deployment, status, at);
  if (hooks === undefined) return {};
  const cut = status === 'succeeded' ? openPosts(deployment) : [];
  const { validation } = deployment;
  const warnings = cut.map(({ name }) => `post hook ${name} did not come to its end`);
  return { hooks, validation: { ...validation, warnings: [...validation.warnings, ...warnings] } };
}

/** Nothing runs on in a record that has ended: a stage that was cut off has failed. */
function closedStages(deployment: Deployment, at: string, { status }: Ending): readonly StageRecord[] {
  const settled = withStage(deployment, 'settle', (record) => ({
    ...record,
    status: 'succeeded',
    finishedAt: at,
  }));
  const why = status === 'canceled' ? { message: 'Canceled.' } : {};
  const cut = status === 'succeeded' ? 'succeeded' : 'failed';
  return settled.map((record) =>
    record.status === 'running' ? { ...record, status: cut, finishedAt: at, ...why } : record,
  );
}
