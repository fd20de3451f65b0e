import type { Artifacts } from '../../shared/platform/artifacts.ts';
import type { EventBus } from '../../shared/platform/bus.ts';
import type { Log } from '../../shared/platform/logger.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { Scheduler } from '../../shared/platform/scheduler.ts';
import type { StoreContext } from '../../shared/store/context.ts';

export interface DueDeps {
  readonly store: StoreContext;
  readonly machine: Machine;
  readonly scheduler: Scheduler;
  readonly bus: EventBus;
  /** Only looked at: are they there as they were? */
  readonly artifacts: () => Promise<Pick<Artifacts, 'stored'>>;
  readonly log: Log;
}
