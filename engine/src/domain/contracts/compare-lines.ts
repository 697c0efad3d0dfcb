import { COMPARED_LINES_MAX, CONTRACT_CHANGES_MAX } from '../../kernel/limits.ts'
import type { Comparison, ContractChange } from './comparison.ts'

/** Longest part of a line that is shown. */
const SHOWN_LENGTH_MAX = 200

/** Compares two texts line by line: what is not in both, with its number in the text that it is in. */
export function compareLines(before: string, after: string): Comparison {
  const [was, is] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < was.length && start < is.length && was[start] === is[start]) start++
  let tail = 0
  while (tail < Math.min(was.length, is.length) - start && was.at(-1 - tail) === is.at(-1 - tail)) tail++
  const middle = [was.slice(start, was.length - tail), is.slice(start, is.length - tail)] as const
  const common = commonLines(...middle)
  const changes = [
    ...lonely('removed', middle[0], { common: common.before, offset: start }),
    ...lonely('added', middle[1], { common: common.after, offset: start }),
  ]
  return {
    comparedAs: 'text',
    changes: changes.slice(0, CONTRACT_CHANGES_MAX),
    isCut: changes.length > CONTRACT_CHANGES_MAX,
  }
}

/** The lines that are not common; `offset`: how many lines stand before them in their text. */
function lonely(
  kind: 'added' | 'removed',
  lines: readonly string[],
  { common, offset }: { readonly common: ReadonlySet<number>; readonly offset: number },
): ContractChange[] {
  return lines.flatMap((line, index) => {
    if (common.has(index)) return []
    const number = offset + index + 1
    const sentence = `Line ${number} was ${kind}: ${line.slice(0, SHOWN_LENGTH_MAX)}`
    return [{ kind, path: `/lines/${number}`, effect: 'neutral' as const, sentence }]
  })
}

/** The longest common run of lines, as positions in both; none when the texts are too long to look for it. */
function commonLines(was: readonly string[], is: readonly string[]): { before: Set<number>; after: Set<number> } {
  const common = { before: new Set<number>(), after: new Set<number>() }
  if (was.length > COMPARED_LINES_MAX || is.length > COMPARED_LINES_MAX) return common
  const width = is.length + 1
  // lengths[i × width + j]: how much the rests of both have in common from line i and line j on.
  const lengths = new Uint16Array((was.length + 1) * width)
  for (let i = was.length - 1; i >= 0; i--) {
    for (let j = is.length - 1; j >= 0; j--) {
      const [down, right, both] = [
        lengths[(i + 1) * width + j],
        lengths[i * width + j + 1],
        lengths[(i + 1) * width + j + 1],
      ]
      lengths[i * width + j] = was[i] === is[j] ? (both ?? 0) + 1 : Math.max(down ?? 0, right ?? 0)
    }
  }
  for (let i = 0, j = 0; i < was.length && j < is.length; ) {
    if (was[i] === is[j]) {
      common.before.add(i++)
      common.after.add(j++)
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return common
}
