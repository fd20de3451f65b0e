import { approval } from './approval.ts';
import { freeze } from './freeze.ts';
import { line } from './line.ts';
import { makesWay } from './makes-way.ts';
import { prerequisites } from './prerequisites.ts';
import type { GateRule } from './rule.ts';
import { superseded } from './superseded.ts';

/**
 * In this order: what cannot go on does not wait, what people have not agreed to stands in no line, what a freeze
 * holds stands in it, and the slot comes last, so that what waits for others has none.
 */
export const RULES: readonly GateRule[] = [superseded, prerequisites, approval, freeze, makesWay, line];
