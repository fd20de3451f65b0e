import type { Scenario } from '../scenario.ts';
import * as again from './again.ts';
import * as cancel from './cancel.ts';
import * as deaths from './deaths.ts';
import * as deploy from './deploy.ts';
import * as draining from './draining.ts';
import * as hooks from './hooks.ts';
import * as queue from './queue.ts';
import * as rollback from './rollback.ts';
import * as schedules from './schedules.ts';
import * as steps from './steps.ts';
import * as waits from './waits.ts';

const FILES = [deploy, cancel, queue, rollback, waits, steps, again, schedules, draining, deaths, hooks];

/** A file exports scenarios, one by one or many at once. */
export const SCENARIOS: readonly Scenario[] = FILES.flatMap((file) =>
  Object.values<Scenario | readonly Scenario[]>(file).flat(),
);
