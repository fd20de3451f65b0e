import type * as z from 'zod/mini';
import type { ScheduleView, scheduleChange, scheduleRequest } from '../../../shared/contracts/schedules.ts';
import type { Result } from '../result.ts';
import { scheduleView as oneSchedule } from '../shapes/plans.ts';
import type { CallOptions } from '../transport.ts';
import { type ListOf, type ListOptions, nothing, pageOf, Resource, segment } from './resource.ts';

export type NewSchedule = z.input<typeof scheduleRequest>;
/** A merge patch: null takes a member away. */
export type ScheduleChanges = {
  readonly [K in keyof z.input<typeof scheduleChange>]?: z.input<typeof scheduleChange>[K] | null;
};

const schedulePage = pageOf<ScheduleView>(oneSchedule);

export interface ScheduleFilters extends ListOptions {
  readonly projectId?: string | undefined;
}

export class Schedules extends Resource {
  /** Plans a deployment: `at` one moment, or again and again by `cron`. */
  create(body: NewSchedule, options: CallOptions = {}): Promise<Result<ScheduleView>> {
    return this.call({ method: 'POST', path: '/schedules', body, answer: oneSchedule, ...options });
  }

  get(id: string, options: CallOptions = {}): Promise<Result<ScheduleView>> {
    return this.call({ method: 'GET', path: `/schedules/${segment(id)}`, answer: oneSchedule, ...options });
  }

  list({ signal, ...query }: ScheduleFilters = {}): Promise<Result<ListOf<ScheduleView>>> {
    return this.call({ method: 'GET', path: '/schedules', query, answer: schedulePage, signal });
  }

  /** What was on its way before counts no more. */
  update(id: string, body: ScheduleChanges, options: CallOptions = {}): Promise<Result<ScheduleView>> {
    const path = `/schedules/${segment(id)}`;
    return this.call({ method: 'PATCH', path, body, answer: oneSchedule, ...options });
  }

  /** With what waits for its moment. */
  delete(id: string, options: CallOptions = {}): Promise<Result<void>> {
    return this.call({ method: 'DELETE', path: `/schedules/${segment(id)}`, answer: nothing, ...options });
  }
}
