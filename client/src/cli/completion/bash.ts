import { type CommandNode, everyNode, type OptionNode, type OptionValue } from './tree.ts';

/** Completion for bash: which command the words before name, then what may follow it. */
export function bashCompletion(tree: CommandNode): string {
  const nodes = everyNode(tree);
  const steps = nodes.slice(1).map(({ path }) => quoted(path));
  const values = nodes.flatMap((node) => node.options.flatMap((option) => valueCases(node, option)));
  const words = nodes.map((node) => `    ${quoted(node.path)}) words=${quoted(wordsOf(node).join(' '))} ;;`);
  return `# Completion of ${tree.name} for bash. Load it with: source <(${tree.name} completion bash)
_${tree.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} at=${tree.name} kind= words= option= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ -n $option ]]; then option=; continue; fi
    case "$at \${COMP_WORDS[i]}" in
      ${steps.join(' | \\\n      ')}) at="$at \${COMP_WORDS[i]}" ;;
      ${values.map(({ pattern }) => pattern).join(' | \\\n      ')}) option="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$option" in
    '') ;;
${values.map(({ pattern, action }) => `    ${pattern}) ${action} ;;`).join('\n')}
  esac
  if [[ -z $option ]]; then
    case "$at" in
${words.map((line) => `  ${line}`).join('\n')}
    esac
  fi
  case "$kind" in
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
  esac
}
complete -F _${tree.name} ${tree.name}
`;
}

const wordsOf = ({ children, words, options }: CommandNode) => [
  ...children.map(({ name }) => name),
  ...words,
  ...options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--'))),
];

function valueCases({ path }: CommandNode, { flags, value }: OptionNode) {
  if (value === undefined) return [];
  return flags.map((flag) => ({ pattern: quoted(`${path} ${flag}`), action: actionOf(value) }));
}

function actionOf(value: OptionValue): string {
  if (typeof value === 'object') return `words=${quoted(value.words.join(' '))}`;
  return value === 'text' ? ':' : `kind=${value}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
