import * as z from 'zod/mini';
import { scheduleId } from '../../../shared/contracts/ids.ts';
import type { Actor } from '../../../shared/domain/access.ts';
import type { Schedule } from '../../../shared/domain/schedules.ts';
import { scheduleNotFound } from '../../../shared/errors/not-found.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import { getSchedule } from '../../../shared/store/schedules.ts';
import { requireRole } from '../../http/auth.ts';

export const scheduleParams = z.strictObject({ scheduleId });

/** A schedule that the actor may see. @throws NotFound, the same for one that is not there. */
export async function findSchedule(ctx: StoreContext, actor: Actor, id: string): Promise<Schedule> {
  const schedule = await getSchedule(ctx, id);
  if (schedule === undefined) throw scheduleNotFound(id);
  const { projectId, environment } = schedule;
  requireRole(actor, 'viewer', { projectId, environment }, scheduleNotFound(id));
  return schedule;
}
