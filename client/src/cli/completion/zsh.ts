import { type CommandNode, everyNode, type OptionNode, type OptionValue } from './tree.ts';

/** Completion for zsh, with what each word does. */
export function zshCompletion(tree: CommandNode): string {
  const nodes = everyNode(tree);
  const steps = nodes.slice(1).map(({ path }) => quoted(path));
  const values = nodes.flatMap((node) => node.options.flatMap((option) => valueCases(node, option)));
  return `#compdef ${tree.name}
# Completion of ${tree.name} for zsh. Load it with: source <(${tree.name} completion zsh)
_${tree.name}() {
  local at=${tree.name} option= word
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $option ]]; then option=; continue; fi
    case "$at $word" in
      (${steps.join('|')}) at="$at $word" ;;
      (${values.map(({ pattern }) => pattern).join('|')}) option="$at $word" ;;
    esac
  done
  case "$option" in
${values.map(({ pattern, action }) => `    (${pattern}) ${action}; return ;;`).join('\n')}
  esac
  case "$at" in
${nodes.map(nodeCase).join('\n')}
  esac
  if [[ $PREFIX == -* || \${#commands} -eq 0 ]]; then
    _describe -o option options
  else
    _describe command commands
  fi
}
compdef _${tree.name} ${tree.name}
`;
}

function nodeCase({ path, children, words, options }: CommandNode): string {
  const commands = [
    ...children.map(({ name, description }) => described(name, description)),
    ...words.map(quoted),
  ];
  const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)));
  return `    (${quoted(path)})
      commands=(${commands.join(' ')})
      options=(${flags.join(' ')}) ;;`;
}

function valueCases({ path }: CommandNode, { flags, value }: OptionNode) {
  if (value === undefined) return [];
  return flags.map((flag) => ({ pattern: quoted(`${path} ${flag}`), action: actionOf(value) }));
}

function actionOf(value: OptionValue): string {
  if (typeof value === 'object') return `compadd -- ${value.words.map(quoted).join(' ')}`;
  if (value === 'file') return '_files';
  return value === 'folder' ? '_files -/' : '_message value';
}

const described = (word: string, description: string) =>
  quoted(`${word.replaceAll(':', '\\:')}:${description}`);
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
