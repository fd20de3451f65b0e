import { Argument, type Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { treeOf } from '../completion/tree.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { CommandContext } from '../context.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
type Shell = keyof typeof SCRIPTS;

const HELP = `
Put one of these where your shell begins:
  bash   source <(slipway completion bash)        ~/.bashrc
  zsh    source <(slipway completion zsh)         ~/.zshrc, behind compinit
  fish   slipway completion fish | source         ~/.config/fish/config.fish`;

export const registerCompletion: Register = (program, run) => {
  program
    .command('completion')
    .description('print what lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action(run((context, shell: Shell) => completion(context, shell, program)));
};

async function completion({ terminal }: CommandContext, shell: Shell, program: Command): Promise<void> {
  const script = SCRIPTS[shell](treeOf(program));
  show(terminal, { shell, script }, () => script.trimEnd());
}
