import { stat } from 'node:fs/promises'
import { BACKUP, type BackupHead } from '@rollcall/protocol/backup'
import { SealError } from '@rollcall/protocol/sealed-lines'
import type { Command } from 'commander'
import { withJson } from '../connection.ts'
import { checkNode } from '../node-version.ts'
import { startProgress } from '../print/progress.ts'
import { jsonText } from '../print/words.ts'
import { readSealed } from '../sealed-file.ts'
import type { Terminal } from '../terminal.ts'

interface Asked {
  readonly file: string
  readonly folder: string
}

/** `rollcall restore <file> <folder>`: a data folder from a backup. */
export function addRestore(program: Command, terminal: Terminal): void {
  withJson(program.command('restore').description('make a data folder of a backup, for an engine to start on'))
    .argument('<file>', 'what "rollcall backup" has written')
    .argument('<folder>', 'the data folder to be; must be empty, or not be there')
    .action((file: string, folder: string, options: { readonly json?: boolean }) =>
      restore({ file, folder }, options, terminal),
    )
}

async function restore(
  { file, folder }: Asked,
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<void> {
  checkNode()
  const { restoreFolder } = await import('@rollcall/engine/storage/lmdb/restore')
  const { size } = await stat(file)
  const progress = startProgress({ label: 'Restoring', unit: 'bytes', total: size }, terminal)
  const lines = readSealed(file, { ...BACKUP, onBytes: (bytes) => progress.add(bytes) })
  try {
    const { value } = await lines.next()
    const { revision, engine, time } = value as BackupHead
    if (!Number.isSafeInteger(revision)) throw new SealError(`${file} is damaged: its head has no revision`)
    const { records, journalEntries } = await restoreFolder({ folder, revision, records: recordsOf(lines, file) })
    progress.end()
    const taken = new Date(time).toISOString()
    const journal = journalEntries === 0 ? '' : ` and ${journalEntries} entries of the journal`
    const sentence =
      `Restored ${records} records${journal} of ${taken} (revision ${revision}) into ${folder}; read back and compared.\n` +
      `Start on it: rollcall serve --store.path ${folder}\n`
    const restored = { folder, records, journalEntries, revision, engine, taken }
    terminal.out(options.json === true ? jsonText({ restored }) : sentence)
  } finally {
    progress.end()
    await lines.return(undefined)
  }
}

async function* recordsOf(lines: AsyncIterable<unknown>, file: string) {
  for await (const line of lines) {
    const isRecord = Array.isArray(line) && line.length === 3 && line.every((part) => typeof part === 'string')
    if (!isRecord) throw new SealError(`${file} is damaged: it holds something that is no record`)
    yield line as [string, string, string]
  }
}
