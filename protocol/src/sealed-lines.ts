/**
 * Files of lines: a head that says what this is, a line of JSON for each record, and an end that counts and seals them.
 * Backups and exports have this form, so that a file that is cut, damaged or something else is known for what it is.
 */

/** Takes in text and tells its SHA-256; Node's `createHash('sha256')` is one. */
export interface Digest {
  update(text: string): unknown
  digest(encoding: 'hex'): string
}

/** The first line: which kind of file this is, in which form, and facts about it. */
export interface SealedHead {
  readonly rollcall: string
  readonly format: number
}

/** A file is not what it should be; the message names it and says what is wrong. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/** A longer line is no line of ours. */
const LINE_LENGTH_MAX = 64 * 1024 * 1024
const END = '{"end":'

/** Makes the lines of a file. */
export class LineSealer {
  readonly #digest: Digest
  #count = 0

  constructor(digest: Digest) {
    this.#digest = digest
  }

  /** @returns the next line; the head is the first */
  line(value: SealedHead | object): string {
    const text = `${JSON.stringify(value)}\n`
    this.#digest.update(text)
    this.#count += 1
    return text
  }

  /** Takes in lines that were made before. */
  keep(lines: string): void {
    this.#digest.update(lines)
    this.#count += lines.split('\n').length - 1
  }

  /** @returns the last line */
  seal(): string {
    return `${END}${JSON.stringify({ lines: this.#count, sha256: this.#digest.digest('hex') })}}\n`
  }
}

interface Expected {
  /** How messages call the file. */
  readonly name: string
  /** What `rollcall` says in its head. */
  readonly kind: string
  readonly format: number
  readonly digest: Digest
}

/**
 * The lines of a file, the head first. The last of them has been yielded only when the end was found to be true.
 * @param chunks the text of the file, in pieces of any size
 * @throws SealError when the file is of another kind, or cut or damaged: what was yielded before is not to be used then
 */
export async function* openSealed(chunks: AsyncIterable<string>, expected: Expected): AsyncGenerator<unknown> {
  const { name, digest } = expected
  let count = 0
  let end: string | undefined
  for await (const line of linesOf(chunks, expected)) {
    if (end !== undefined) throw new SealError(`${name} is damaged: something stands behind its end`)
    if (line.startsWith(END)) {
      end = line
      continue
    }
    digest.update(`${line}\n`)
    count += 1
    const value = parseLine(line, count, expected)
    if (count === 1) checkHead(value, expected)
    yield value
  }
  if (count === 0) throw new SealError(`${name} is empty: it is no ${expected.kind} of Rollcall`)
  if (end === undefined) throw new SealError(`${name} ends too early, after ${count} lines: it is not complete`)
  const seal = `${END}${JSON.stringify({ lines: count, sha256: digest.digest('hex') })}}`
  if (end !== seal) throw new SealError(`${name} is damaged: its content is not what its checksum says`)
}

function parseLine(line: string, count: number, { name, kind }: Expected): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    if (count === 1) throw new SealError(`${name} is no ${kind} of Rollcall`, { cause })
    throw new SealError(`${name} is damaged in line ${count}`, { cause })
  }
}

function checkHead(head: unknown, { name, kind, format }: Expected): void {
  const { rollcall, format: found } = Object(head) as Partial<SealedHead>
  if (rollcall !== kind) {
    const what = typeof rollcall === 'string' ? `, but a file of kind '${rollcall.slice(0, 40)}'` : ''
    throw new SealError(`${name} is no ${kind} of Rollcall${what}`)
  }
  if (found !== format) {
    throw new SealError(
      `${name} has format ${String(found)}, this version reads ${format}: use the Rollcall that wrote it`,
    )
  }
}

/** Only line feeds end a line: what else Unicode calls one may stand in a text. */
async function* linesOf(chunks: AsyncIterable<string>, { name, kind }: Expected): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = chunk.split('\n')
    lines[0] = rest + (lines[0] ?? '')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LENGTH_MAX) throw new SealError(`${name} is no ${kind} of Rollcall: it has no lines`)
    yield* lines
  }
  if (rest !== '') throw new SealError(`${name} ends in the middle of a line: it is not complete`)
}
