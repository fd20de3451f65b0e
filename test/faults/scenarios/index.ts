import type { Scenario } from '../scenario.ts';
import * as cancel from './cancel.ts';
import * as deploy from './deploy.ts';

export const SCENARIOS: readonly Scenario[] = [deploy, cancel].flatMap((file) => Object.values(file));
