/** Appends to a journal until it is killed; says each number when it is durable. */
import { systemClock } from '../../../engine/src/kernel/clock.ts'
import { LmdbJournal } from '../../../engine/src/storage/lmdb/lmdb-journal.ts'

const [, , path = ''] = process.argv
const WRITERS = 8
const journal = new LmdbJournal({ path, clock: systemClock, onLost: () => {} })
await journal.open()
let next = 0

async function write(): Promise<never> {
  for (;;) {
    const number = ++next
    await journal.append('audit', [`${number} first`, `${number} second ${'x'.repeat(3000)}`])
    process.stdout.write(`${number}\n`)
    if (number % 50 === 0) void journal.dropBefore('audit', systemClock.now() - 60_000)
  }
}

await Promise.all(Array.from({ length: WRITERS }, write))
