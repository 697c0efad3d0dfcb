import { readProjectFile } from '../repo/tree.ts'

/** A file that a page tells its reader to write: a fenced block with `title=` and the place. */
export interface PageFile {
  readonly path: string
  readonly text: string
}

/** Commands that a page tells its reader to type: a fenced block of `sh`. */
export interface PageCommands {
  readonly line: number
  readonly commands: string
  /** What the page promises to be printed: the block of `text` right after it, line by line. */
  readonly printed: readonly string[]
}

interface Block {
  readonly language: string
  readonly title: string | undefined
  readonly text: string
  readonly line: number
}

const FENCED = /^```(\w+)(?: title=(\S+))?\n([\s\S]*?)^```$/gm
/** With a reason behind it, the first line of commands that cannot be run by a test. */
const NOT_RUN = /^# not run here: \S/

/** What a reader of a page of documentation writes and types, in order. */
export function readPage(path: string): { files: readonly PageFile[]; commands: readonly PageCommands[] } {
  const blocks = blocksOf(readProjectFile(path))
  const files = blocks.flatMap(({ title, text }) => (title === undefined ? [] : [{ path: title, text }]))
  const commands = blocks.flatMap(({ language, text, line }, index) => {
    if (language !== 'sh' || NOT_RUN.test(text)) return []
    const next = blocks[index + 1]
    const printed = next?.language === 'text' ? next.text.trimEnd().split('\n') : []
    return [{ line, commands: text, printed }]
  })
  return { files, commands }
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(FENCED)].map(({ index, 1: language = '', 2: title, 3: text = '' }) => {
    return { language, title, text, line: markdown.slice(0, index).split('\n').length }
  })
}
