import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

/** Adds commands to the program; `run` gives an action its context and turns its end into an exit code. */
export type Register = (program: Command, run: Run) => void;

export type Run = <A extends unknown[]>(
  action: (context: CommandContext, ...args: A) => Promise<void>,
) => (...args: A) => Promise<void>;
