import { isFixture, projectFiles, readProjectFile } from '../repo/tree.ts'

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

/** Commands that other tests run: npm-start.test.ts and packages.test.ts. They would install, start an engine or run all tests. */
const RUN_ELSEWHERE = /^npm ci(?: && npm (?:start|test))?\n$/

/** Every page of the repository that tells its reader to type something which can be tried. */
export function pagesWithCommands(): readonly string[] {
  const pages = projectFiles().filter((path) => path.endsWith('.md') && !isFixture(path))
  return pages.filter((path) => readPage(path).commands.length > 0)
}

/** Where a page shows a block without saying what it is, or commands as something else than `sh`: no test would run them. */
export function unnamedBlocks(markdown: string): readonly number[] {
  const lines = markdown.split('\n')
  const fences = lines.flatMap((line, index) => (/^\s*```/.test(line) ? [{ line, number: index + 1 }] : []))
  // Every second one closes a block.
  const opening = fences.filter((_, index) => index % 2 === 0)
  return opening.filter(({ line }) => !NAMED.test(line)).map(({ number }) => number)
}

/** Indented blocks, as in lists, are not run, so they must not hold commands. */
const NAMED = /^(?:```sh|\s*```(?!(?:sh|bash|shell|console|zsh)\b)\w+(?: title=\S+)?)$/

/** What a reader of a page of documentation writes and types, in order, without what is not run here. */
export function readPage(path: string): { files: readonly PageFile[]; commands: readonly PageCommands[] } {
  const blocks = blocksOf(readProjectFile(path))
  const files = blocks.flatMap(({ title, text }) => (title === undefined ? [] : [{ path: title, text }]))
  const commands = blocks.flatMap(({ language, text, line }, index) => {
    if (language !== 'sh' || NOT_RUN.test(text) || RUN_ELSEWHERE.test(text)) return []
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
