import { type CommandNode, nodesOf } from './command-tree.ts'

/** Shells that completion can be had for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** What to put where, for each shell. */
export const INSTALLING: Readonly<Record<Shell, string>> = {
  bash: 'source <(rollcall completion bash)   # in ~/.bashrc',
  zsh: 'source <(rollcall completion zsh)    # in ~/.zshrc, after compinit',
  fish: 'rollcall completion fish | source    # in ~/.config/fish/config.fish',
}

/** A script that completes commands, flags and fixed arguments in a shell. */
export function completionScript(shell: Shell, root: CommandNode): string {
  const makers = { bash: bashScript, zsh: zshScript, fish: fishScript }
  return makers[shell](root)
}

/** Words that may follow a command. */
function wordsAfter({ children, flags, choices }: CommandNode): readonly string[] {
  return [...children.map(({ path }) => path.at(-1) ?? ''), ...choices, ...flags.map(({ long }) => long), '--help']
}

/** `case` branches from the words of a command to what may follow it. */
function branches(root: CommandNode, line: (node: CommandNode) => string): string {
  return nodesOf(root)
    .map((node) => `    '${node.path.join(' ')}') ${line(node)} ;;`)
    .join('\n')
}

/** Patterns of flags whose next word is a value. */
function valueFlags(root: CommandNode): string {
  const all = nodesOf(root).flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue))
  return [...new Set(all.map(({ long }) => long))].join('|')
}

/** Known paths as `case` patterns: what is not one of them is an argument. */
function paths(root: CommandNode): string {
  return nodesOf(root)
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `'${path.join(' ')}'`)
    .join('|')
}

/** Finds in `words`, up to the cursor, which command is meant; the same in bash and zsh. */
function findPath(root: CommandNode, { first, last }: { readonly first: string; readonly last: string }): string {
  return `  local where='' candidate i word skip=''
  for ((i = ${first}; i < ${last}; i++)); do
    word="\${words[i]}"
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      ${valueFlags(root)}) skip=1; continue ;;
      -*) continue ;;
    esac
    candidate="\${where:+$where }$word"
    case "$candidate" in
      ${paths(root)}) where="$candidate" ;;
    esac
  done`
}

function bashScript(root: CommandNode): string {
  return `# bash completion for rollcall: ${INSTALLING.bash}
_rollcall() {
  local words=("\${COMP_WORDS[@]}") current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" offered=''
${findPath(root, { first: '1', last: 'COMP_CWORD' })}
  case "$previous" in
    ${valueFlags(root)}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$where" in
${branches(root, (node) => `offered='${wordsAfter(node).join(' ')}'`)}
  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
  [[ \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _rollcall rollcall
`
}

function zshScript(root: CommandNode): string {
  const described = ({ children, flags, choices }: CommandNode) => {
    const items = [
      ...children.map(({ path, description }) => `${path.at(-1)}:${description}`),
      ...choices,
      ...flags.map(({ long, description }) => `${long}:${description}`),
    ]
    return `offered=(${items.map(quote).join(' ')})`
  }
  return `#compdef rollcall
# zsh completion for rollcall: ${INSTALLING.zsh}
_rollcall() {
  local -a offered
${findPath(root, { first: '2', last: 'CURRENT' })}
  case "\${words[CURRENT-1]}" in
    ${valueFlags(root)}) _files; return ;;
  esac
  case "$where" in
${branches(root, described)}
  esac
  _describe 'rollcall' offered || _files
}
compdef _rollcall rollcall
`
}

function fishScript(root: CommandNode): string {
  const lines = nodesOf(root).flatMap(({ path, children, flags, choices }) => {
    const condition = `-n ${quote(`__rollcall_at ${path.join(' ')}`.trim())}`
    const isLeaf = children.length === 0
    return [
      ...children.map(
        (child) =>
          `complete -c rollcall -f ${condition} -a ${quote(child.path.at(-1) ?? '')} -d ${quote(child.description)}`,
      ),
      ...choices.map((choice) => `complete -c rollcall ${condition} -a ${quote(choice)}`),
      ...(isLeaf ? flags : []).map(
        ({ long, takesValue, description }) =>
          `complete -c rollcall ${condition} -l ${long.slice(2)}${takesValue ? ' -r' : ''} -d ${quote(description)}`,
      ),
    ]
  })
  return `# fish completion for rollcall: ${INSTALLING.fish}
function __rollcall_at
    set -l words
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or set -a words $word
    end
    set -l wanted (count $argv)
    if test $wanted -eq 0
        test (count $words) -eq 0
        return
    end
    test (count $words) -ge $wanted; and test "$words[1..$wanted]" = "$argv"
end
${lines.join('\n')}
`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
