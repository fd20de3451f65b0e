import type { Scenario } from '../scenario.ts';
import * as cancel from './cancel.ts';
import * as deploy from './deploy.ts';
import * as hooks from './hooks.ts';
import * as queue from './queue.ts';
import * as rollback from './rollback.ts';
import * as waits from './waits.ts';

export const SCENARIOS: readonly Scenario[] = [deploy, cancel, queue, rollback, waits, hooks].flatMap(
  (file) => Object.values(file),
);
