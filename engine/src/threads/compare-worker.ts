import { parentPort, workerData } from 'node:worker_threads'
import type { Comparison, JsonObject } from '../domain/contracts/index.ts'
import { compareInterfaces, compareLines, UnreadableContractError } from '../domain/contracts/index.ts'
import { readDocument } from './read-document.ts'

/** Two contents, each with the words that name it in a refusal. */
export interface ComparisonTask {
  readonly before: { readonly name: string; readonly text: string }
  readonly after: { readonly name: string; readonly text: string }
}

/** What the thread says before it ends. */
export type ComparisonOutcome = { readonly comparison: Comparison } | { readonly refusal: string }

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
    throw error
  }
}

parentPort?.postMessage(compare(workerData as ComparisonTask))
