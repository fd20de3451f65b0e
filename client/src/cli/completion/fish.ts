import { type CommandNode, everyNode, type OptionNode } from './tree.ts';

/** Completion for fish, with what each word does. */
export function fishCompletion(tree: CommandNode): string {
  const nodes = everyNode(tree);
  const steps = nodes.slice(1).map(({ path }) => quoted(path));
  const values = nodes.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => quoted(`${path} ${flag}`)),
    ),
  );
  return `# Completion of ${tree.name} for fish. Load it with: ${tree.name} completion fish | source
function __${tree.name}_at
  set -l at ${tree.name}
  set -l value no
  for word in (commandline -opc)[2..]
    if test $value = yes
      set value no
      continue
    end
    if contains -- "$at $word" ${steps.join(' ')}
      set at "$at $word"
    else if contains -- "$at $word" ${values.join(' ')}
      set value yes
    end
  end
  test "$at" = "$argv[1]"
end
complete -c ${tree.name} -f
${nodes.flatMap((node) => linesOf(tree, node)).join('\n')}
`;
}

function linesOf(tree: CommandNode, node: CommandNode): string[] {
  const here = `complete -c ${tree.name} -n ${quoted(`__${tree.name}_at ${quoted(node.path)}`)}`;
  return [
    ...node.children.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
    ...node.words.map((word) => `${here} -a ${word}`),
    ...node.options.map(
      (option) => `${here} ${flagsOf(option)}${valuePart(option)} -d ${quoted(option.description)}`,
    ),
  ];
}

const flagsOf = ({ flags }: OptionNode) =>
  flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');

function valuePart({ value }: OptionNode): string {
  if (value === undefined) return '';
  if (typeof value === 'object') return ` -x -a ${quoted(value.words.join(' '))}`;
  if (value === 'file') return ' -r -F';
  return value === 'folder' ? ` -x -a '(__fish_complete_directories)'` : ' -x';
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
