import type { FreezeView } from '../../../shared/contracts/freezes.ts';
import type { ScheduleView } from '../../../shared/contracts/schedules.ts';
import { flag, maybe, num, settings, shape, text } from '../shape.ts';

export const freezeView = shape<FreezeView>({
  id: text(),
  scope: settings(),
  from: text(),
  to: text(),
  rrule: maybe(text()),
  timezone: text(),
  reason: text(),
  active: flag(),
  next: maybe(shape<NonNullable<FreezeView['next']>>({ from: text(), to: text() })),
  createdAt: text(),
  createdBy: text(),
});

export interface FreezeOverridden {
  readonly freezeId: string;
  readonly deploymentId: string;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}
export const freezeOverridden = shape<FreezeOverridden>({
  freezeId: text(),
  deploymentId: text(),
  reason: text(),
  by: text(),
  at: text(),
});

export const scheduleView = shape<ScheduleView>({
  id: text(),
  projectId: text(),
  environment: text(),
  request: settings(),
  at: maybe(text()),
  cron: maybe(text()),
  timezone: text(),
  autoCancel: flag(),
  validateFirst: flag(),
  notifyBefore: maybe(num()),
  window: num(),
  nextAt: maybe(text()),
  deploymentId: maybe(text()),
  last: maybe(
    shape<NonNullable<ScheduleView['last']>>({
      occurrence: text(),
      outcome: text(),
      deploymentId: maybe(text()),
      message: maybe(text()),
    }),
  ),
  createdAt: text(),
  createdBy: text(),
  updatedAt: text(),
  revision: num(),
});
