import { isDeepStrictEqual } from 'node:util';
import type { LogLine } from '../domain/log.ts';
import { recordWithoutLines, withoutLinesIn } from '../domain/log-copies.ts';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { requireDeployment } from './deployment-changes.ts';
import { deploymentUpdate } from './deployment-item.ts';
import { queryPage, updateItem } from './engine.ts';
import { deploymentKey } from './keys.ts';

/** Others may change the record at the same time; more tries than there can be of them. */
const ATTEMPTS = 100;

/**
 * Takes copies of these lines out of what the deployment and its jobs say: the end of a build stands in its failure.
 * Copied lines go without being named, so this is of use with none as well.
 */
export async function forgetCopies(
  ctx: StoreContext,
  deploymentId: string,
  lines: readonly LogLine[],
): Promise<void> {
  const texts = lines.map((line) => line.message);
  await cleanRecord(ctx, deploymentId, texts);
  await cleanJobs(ctx, deploymentId, texts);
}

async function cleanRecord(ctx: StoreContext, id: string, texts: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await requireDeployment(ctx, id);
    const clean = recordWithoutLines(current, texts);
    if (isDeepStrictEqual(clean, current)) return;
    const now = ctx.clock.now();
    const next = { ...clean, updatedAt: isoTime(now), revision: current.revision + 1 };
    try {
      await updateItem(ctx, deploymentKey(id), deploymentUpdate(current, next));
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new PlatformUnavailable(`Deployment ${id} is being changed by too many at once.`);
}

async function cleanJobs(ctx: StoreContext, id: string, texts: readonly string[]): Promise<void> {
  const { items } = await queryPage(ctx, {
    where: {
      expression: 'pk = :pk AND begins_with(sk, :jobs)',
      values: { ':pk': deploymentKey(id).pk, ':jobs': 'JOB#' },
    },
    consistent: true,
  });
  for (const item of items) {
    const { pk, sk, result } = item;
    const clean = withoutLinesIn(result, texts);
    if (isDeepStrictEqual(clean, result)) continue;
    // A result is written once; nobody but another purge changes it, and that does the same.
    await updateItem(
      ctx,
      { pk: String(pk), sk: String(sk) },
      {
        update: 'SET #result = :clean',
        expression: '#result = :result',
        names: { '#result': 'result' },
        values: { ':clean': clean, ':result': result },
      },
    ).catch((error: unknown) => {
      if (!(error instanceof ConditionFailed)) throw error;
    });
  }
}
