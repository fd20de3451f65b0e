import { STAGES, type Stage } from '../domain/status.ts';
import type { StoreContext } from './context.ts';
import { queryPage } from './engine.ts';
import { byMoment, dueSchedules, openDeployments, unpublishedDeployments, unsentAnswers } from './keys.ts';
import { INDEX, type IndexShape } from './tables.ts';

const PAGE = 100;

/** Deployments whose next moment has come, the most overdue first. The index may lag: look at the record. */
export async function* dueDeployments(ctx: StoreContext, now: number): AsyncGenerator<string> {
  for await (const { pk } of keysUntil(ctx, INDEX.work, openDeployments, now)) yield idOf(pk);
}

/** Every deployment that has not come to its end, whenever its next moment is. As the index knows them. */
export async function* everyOpenDeployment(ctx: StoreContext): AsyncGenerator<string> {
  const farthest = Number.MAX_SAFE_INTEGER - 1;
  for await (const { pk } of keysUntil(ctx, INDEX.work, openDeployments, farthest)) yield idOf(pk);
}

/** Deployments whose last change was not announced, from before `until` (ms). */
export async function* unannouncedDeployments(ctx: StoreContext, until: number): AsyncGenerator<string> {
  for await (const { pk } of keysUntil(ctx, INDEX.unpublished, unpublishedDeployments, until)) yield idOf(pk);
}

/** Schedules whose moment was at or before `until` (ms) and that nobody has delivered. */
export async function* schedulesDueBefore(ctx: StoreContext, until: number): AsyncGenerator<string> {
  for await (const { pk } of keysUntil(ctx, INDEX.work, dueSchedules, until)) yield idOf(pk);
}

export interface UnsentAnswer {
  readonly deploymentId: string;
  readonly stage: Stage;
  readonly round: number;
}

/** Answers of stages that were written before `until` (ms) and not seen to be delivered. */
export async function* unsentAnswersBefore(ctx: StoreContext, until: number): AsyncGenerator<UnsentAnswer> {
  for await (const { pk, sk } of keysUntil(ctx, INDEX.work, unsentAnswers, until)) {
    const [, name, round] = sk.split('#');
    const stage = STAGES.find((known) => known === name);
    if (stage !== undefined) yield { deploymentId: idOf(pk), stage, round: Number(round) };
  }
}

async function* keysUntil(ctx: StoreContext, index: IndexShape, partition: string, until: number) {
  const where = {
    expression: '#pk = :pk AND #sk < :until',
    names: { '#pk': index.partition, '#sk': index.sort },
    values: { ':pk': partition, ':until': byMoment(until + 1, '') },
  };
  let page = await queryPage(ctx, { index: index.name, where, limit: PAGE });
  for (;;) {
    for (const item of page.items) yield { pk: String(item['pk']), sk: String(item['sk']) };
    if (page.next === undefined) return;
    page = await queryPage(ctx, { index: index.name, where, limit: PAGE, after: page.next });
  }
}

/** `DEP#<id>` and `SCH#<id>`. */
const idOf = (pk: string) => pk.slice('DEP#'.length);
