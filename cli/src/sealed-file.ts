import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, open, rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip, createGzip } from 'node:zlib'
import { openSealed, SealError } from '@rollcall/protocol/sealed-lines'
import { UsageError } from './explain.ts'

/** Kind and format that a file must have. */
export interface FileKind {
  readonly kind: string
  readonly format: number
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])
/** Whoever owns the file may read it and nobody else: backups hold what accounts are known by. */
const MODE = 0o600

interface Reading extends FileKind {
  /** Called for each piece read, with its bytes on disk. */
  readonly onBytes?: (bytes: number) => void
}

/**
 * The lines of a sealed file, compressed or not, the head first.
 * @throws SealError, which names the file, when it is foreign or damaged
 */
export async function* readSealed(path: string, { onBytes, ...kind }: Reading): AsyncGenerator<unknown> {
  const file = createReadStream(path)
  const bytes = counted(file, onBytes)
  const isCompressed = await startsWith(path, GZIP_MAGIC)
  try {
    const text = textOf(isCompressed ? uncompressed(bytes) : bytes)
    yield* openSealed(text, { ...kind, name: path, digest: createHash('sha256') })
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!code.startsWith('Z_')) throw error
    throw new SealError(`${path} is damaged or cut: it cannot be uncompressed`, { cause: error })
  } finally {
    file.destroy()
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, onBytes: Reading['onBytes']): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes?.(chunk.length)
    yield chunk
  }
}

function uncompressed(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip()
  // What goes wrong in it also ends the reading of `gunzip`, which is where it is heard of.
  void pipeline(bytes, gunzip).catch(() => undefined)
  return gunzip
}

async function* textOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  for await (const chunk of bytes) yield decoder.write(chunk)
  yield decoder.end()
}

async function startsWith(path: string, magic: Buffer): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const start = Buffer.alloc(magic.length)
    await handle.read(start, 0, magic.length, 0)
    return start.equals(magic)
  } finally {
    await handle.close()
  }
}

/** Refuses to overwrite a file, unless that is wished. @throws UsageError */
export async function checkIsNew(path: string, { force = false }: { readonly force?: boolean }): Promise<void> {
  const isThere = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
  if (isThere && !force)
    throw new UsageError(`${path} is there already; choose another name, or overwrite it with --force.`)
}

interface Writing {
  /** What comes before it; a file that is not whole never has its name. */
  readonly partial: string
  readonly content: AsyncIterable<string | Uint8Array>
}

/** Writes a file to the disk, compressed when its name ends with .gz. It stays under its partial name. */
export async function writePartial(path: string, { partial, content }: Writing): Promise<void> {
  const handle = await open(partial, 'w', MODE)
  try {
    await (path.endsWith('.gz')
      ? pipeline(content, createGzip(), (compressed) => handle.writeFile(compressed))
      : handle.writeFile(content))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Gives a file that is whole its name. @returns its bytes */
export async function finishPartial(path: string, partial: string): Promise<number> {
  await rename(partial, path)
  const { size } = await stat(path)
  return size
}

/** Takes away what is left of a file that did not come to its end. */
export async function dropPartial(partial: string): Promise<void> {
  await rm(partial, { force: true })
}
