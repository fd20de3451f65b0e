import type { Scenario } from '../scenario.ts';
import * as cancel from './cancel.ts';
import * as deploy from './deploy.ts';
import * as queue from './queue.ts';

export const SCENARIOS: readonly Scenario[] = [deploy, cancel, queue].flatMap((file) => Object.values(file));
