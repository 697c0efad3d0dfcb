import { ConnectionError } from '@rollcall/client'
import { BACKUP, type BackupHead } from '@rollcall/protocol/backup'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withEngine } from '../connection.ts'
import { startProgress } from '../print/progress.ts'
import { bytesText, jsonText } from '../print/words.ts'
import { checkIsNew, dropPartial, finishPartial, readSealed, writePartial } from '../sealed-file.ts'
import type { Terminal } from '../terminal.ts'

interface BackupOptions extends ConnectionOptions {
  readonly journal?: boolean
  readonly force?: boolean
}

/** `rollcall backup <file>`: everything that a running engine keeps, as of one moment. */
export function addBackup(program: Command, terminal: Terminal): void {
  withEngine(program.command('backup').description('write everything that a running engine keeps to a file'))
    .argument('<file>', 'where to; compressed when the name ends with .gz')
    .option('--journal', 'also metrics and transactions of the past')
    .option('--force', 'overwrite the file if it is there')
    .action((file: string, options: BackupOptions) => backup(file, options, terminal))
}

async function backup(file: string, options: BackupOptions, terminal: Terminal): Promise<void> {
  await checkIsNew(file, options)
  const client = connect(options)
  const partial = `${file}.part`
  const stream = await client.operations.backup({ journal: options.journal ?? false })
  const progress = startProgress({ label: 'Backing up', unit: 'bytes', total: 0 }, terminal)
  try {
    const content = counted(stream, (bytes) => {
      progress.expect(bytes)
      progress.add(bytes)
    })
    await writePartial(file, { partial, content: unbroken(content, client.url) })
    const { head, records } = await check(partial)
    const bytes = await finishPartial(file, partial)
    progress.end()
    const { revision, hasJournal, engine } = head
    const done = { file, bytes, records, revision, engine, hasJournal }
    const sentence = `Backed up ${records} records (revision ${revision}) to ${file}, ${bytesText(bytes)}; read back and found whole.\n`
    terminal.out(options.json === true ? jsonText({ backup: done }) : sentence)
  } catch (error) {
    progress.end()
    await dropPartial(partial)
    throw error
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void) {
  for await (const chunk of chunks) {
    onBytes(chunk.length)
    yield chunk
  }
}

async function* unbroken(chunks: AsyncIterable<Uint8Array>, url: string) {
  try {
    yield* chunks
  } catch (error) {
    throw broken(url, error)
  }
}

/** Reads what has been written. @throws SealError when it is not whole */
async function check(path: string): Promise<{ readonly head: BackupHead; readonly records: number }> {
  let head: BackupHead | undefined
  let records = -1
  for await (const line of readSealed(path, BACKUP)) {
    head ??= line as BackupHead
    records += 1
  }
  return { head: head as BackupHead, records }
}

function broken(url: string, cause: unknown): ConnectionError {
  return new ConnectionError([{ url, reason: 'the connection broke before the backup was whole' }], cause)
}
