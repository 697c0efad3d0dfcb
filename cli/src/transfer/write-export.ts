import { createHash } from 'node:crypto'
import { open, readFile, truncate } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { LineSealer } from '@rollcall/protocol/sealed-lines'
import type { Bundle } from './bundle.ts'
import { type ExportHead, type ExportLine, linesOf } from './export-lines.ts'

/** Written in one go. */
const PIECE_LENGTH = 262_144
const MODE = 0o600

/** What an export that was broken off has left. */
interface Begun {
  readonly head: ExportHead
  /** Services that are in it whole. */
  readonly complete: ReadonlySet<string>
  /** The lines that are kept. */
  readonly text: string
}

/**
 * The part that is there of an export that was broken off, up to its last whole service.
 * @returns undefined when there is none of the same question
 */
export async function readBegun(partial: string, asked: ExportHead): Promise<Begun | undefined> {
  const text = await readFile(partial, 'utf8').catch(() => '')
  const complete = new Set<string>()
  let head: ExportHead | undefined
  let kept = 0
  for (let at = 0, end = text.indexOf('\n'); end !== -1; at = end + 1, end = text.indexOf('\n', at)) {
    const line = parse(text.slice(at, end))
    if (line === undefined) break
    if (head === undefined) {
      head = line as unknown as ExportHead
      kept = end + 1
    } else if ('complete' in line) {
      complete.add(line.complete)
      kept = end + 1
    }
  }
  if (head === undefined || !isDeepStrictEqual({ ...head, time: 0 }, { ...asked, time: 0 })) return undefined
  return { head, complete, text: text.slice(0, kept) }
}

function parse(text: string): ExportLine | undefined {
  try {
    return Object(JSON.parse(text)) as ExportLine
  } catch {
    return undefined
  }
}

interface Written {
  readonly head: ExportHead
  readonly begun: Begun | undefined
  readonly bundles: AsyncIterable<Bundle>
  readonly onBundle: (bundle: Bundle) => void
}

/** Writes an export, or the rest of one, and syncs it to the disk. What is whole of it stays there when it fails. */
export async function writeExport(partial: string, { head, begun, bundles, onBundle }: Written): Promise<void> {
  const sealer = new LineSealer(createHash('sha256'))
  if (begun !== undefined) await truncate(partial, Buffer.byteLength(begun.text))
  const handle = await open(partial, begun === undefined ? 'w' : 'a', MODE)
  try {
    let waiting = ''
    const put = async (text: string) => {
      waiting += text
      if (waiting.length < PIECE_LENGTH) return
      await handle.writeFile(waiting)
      waiting = ''
    }
    if (begun === undefined) await handle.writeFile(sealer.line(head))
    else sealer.keep(begun.text)
    for await (const bundle of bundles) {
      for (const line of linesOf(bundle)) await put(sealer.line(line))
      onBundle(bundle)
    }
    await handle.writeFile(waiting + sealer.seal())
    await handle.sync()
  } finally {
    await handle.close()
  }
}
