/** Simulates seeds for main.ts, one after the other, in a process of its own. */
import { readFileSync } from 'node:fs';
import { loadHandlers } from '../lifecycle/cloud/handlers.ts';
import type { Violation } from '../lifecycle/cloud/invariants.ts';
import type { Stack } from '../lifecycle/cloud/stack.ts';
import type { Path } from './reached.ts';
import { simulate } from './simulate.ts';

export interface SimAsk {
  readonly seed: number;
}

export interface SimAnswer {
  readonly violations: readonly Violation[];
  readonly paths: readonly Path[];
  readonly diary: readonly string[];
  readonly deployments: number;
  readonly broken?: string | undefined;
}

const stack = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Stack;
const handlers = await loadHandlers(stack);

async function answer({ seed }: SimAsk): Promise<SimAnswer> {
  try {
    const { violations, paths, diary, story } = await simulate({ stack, handlers, seed });
    return { violations, paths, diary, deployments: story.deployments().length };
  } catch (error) {
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { violations: [], paths: [], diary: [], deployments: 0, broken };
  }
}

process.on('message', (ask: SimAsk) => {
  void answer(ask).then((said) => process.send?.(said));
});
process.send?.('ready');
