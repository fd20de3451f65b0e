import type { Command, Option } from 'commander';

/** A command as far as completion cares. */
export interface CommandNode {
  /** Words from the program on: `slipway envs create`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly children: readonly CommandNode[];
  /** What stands for an argument, where only some words may. */
  readonly words: readonly string[];
}

export interface OptionNode {
  /** `-f` and `--follow`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What follows it; undefined where nothing does. */
  readonly value: OptionValue | undefined;
}

/** One of these words, something on this machine, or a text that nothing here can guess. */
export type OptionValue = { readonly words: readonly string[] } | 'file' | 'folder' | 'text';

/** Everything that the command line understands, read from the very tree that parses it. */
export function treeOf(command: Command, path = command.name()): CommandNode {
  const visible = command.createHelp();
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: visible.visibleOptions(command).map(optionOf),
    children: visible
      .visibleCommands(command)
      .filter((child) => child.name() !== 'help')
      .map((child) => treeOf(child, `${path} ${child.name()}`)),
    words: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
}

/** All of them, the program first. */
export const everyNode = (node: CommandNode): CommandNode[] => [node, ...node.children.flatMap(everyNode)];

const optionOf = (option: Option): OptionNode => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
  description: option.description,
  value: optionValue(option),
});

function optionValue({ flags, argChoices, required, optional }: Option): OptionValue | undefined {
  if (!required && !optional) return undefined;
  if (argChoices !== undefined) return { words: argChoices };
  if (/<(?:json|zip|file)>/.test(flags)) return 'file';
  return /<folder>/.test(flags) ? 'folder' : 'text';
}
