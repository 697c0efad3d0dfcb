import type { Comparison, JsonObject } from '../domain/contracts/index.ts'
import { compareInterfaces, compareLines, UnreadableContractError } from '../domain/contracts/index.ts'
import { readDocument } from './read-document.ts'

/** Two contents, each with the words that name it in a refusal. */
export interface ComparisonTask {
  readonly before: { readonly name: string; readonly text: string }
  readonly after: { readonly name: string; readonly text: string }
}

/** What the process says of a task. */
export type ComparisonOutcome =
  | { readonly comparison: Comparison }
  | { readonly refusal: string }
  | { readonly defect: string }

function read({ name, text }: ComparisonTask['before']): JsonObject | undefined {
  try {
    return readDocument(text)
  } catch (error) {
    if (error instanceof UnreadableContractError)
      throw new UnreadableContractError(`${name} ${error.message}`, { cause: error })
    throw error
  }
}

function compare({ before, after }: ComparisonTask): ComparisonOutcome {
  try {
    const [was, is] = [read(before), read(after)]
    const isInterface = was !== undefined && is !== undefined
    return { comparison: isInterface ? compareInterfaces(was, is) : compareLines(before.text, after.text) }
  } catch (error) {
    if (error instanceof UnreadableContractError) return { refusal: error.message }
    return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

process.on('message', (task: ComparisonTask) => void process.send?.(compare(task)))
// It ends with the engine, which a Ctrl-C lets finish first.
process.on('disconnect', () => process.exit())
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
