import { line } from './line.ts';
import { makesWay } from './makes-way.ts';
import { prerequisites } from './prerequisites.ts';
import type { GateRule } from './rule.ts';

/** In this order: what cannot go on does not wait, and the slot comes last, so that what waits for others has none. */
export const RULES: readonly GateRule[] = [prerequisites, makesWay, line];
