import type { EventBus } from '../../shared/platform/bus.ts';
import type { FunctionCaller } from '../../shared/platform/functions.ts';
import type { Log } from '../../shared/platform/logger.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import type { ArchiveObjects } from '../../shared/store/log-archive-form.ts';

export interface RelayDeps {
  readonly sockets: Publisher;
  readonly machine: Machine;
  readonly functions: FunctionCaller;
  readonly stepsFunction: string;
  readonly bus: EventBus;
  readonly archive: ArchiveObjects;
  readonly log: Log;
}
