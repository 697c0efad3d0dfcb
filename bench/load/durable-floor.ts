import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { DriveResult } from './drive.ts'
import { Histogram } from './histogram.ts'
import { answerJobs } from './worker.ts'

/** Writers that put values of one size, each the next when the last is on the disk. */
export interface DurableJob {
  readonly writers: number
  readonly seconds: number
  readonly valueBytes: number
}

/** Process that writes into a bare LMDB with its default settings. */
answerJobs(async ({ writers, seconds, valueBytes }: DurableJob): Promise<DriveResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-lmdb-'))
  const store = open<Buffer, string>({ path: folder, encoding: 'binary' })
  const value = Buffer.alloc(valueBytes, 'x')
  const latencies = new Histogram()
  let puts = 0
  const start = performance.now()
  const endsAt = start + seconds * 1000
  const write = async (): Promise<void> => {
    for (let sentAt = start; sentAt < endsAt; ) {
      puts += 1
      await store.put(`/cse-sr/inst/files/default/default/test3/${String(puts).padStart(32, '0')}`, value)
      await store.flushed
      const now = performance.now()
      latencies.record(now - sentAt)
      sentAt = now
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  const taken = (performance.now() - start) / 1000
  await store.close()
  await rm(folder, { recursive: true })
  return {
    requests: puts,
    seconds: taken,
    perSecond: puts / taken,
    latency: latencies.latency(),
    errors: 0,
    firstError: '',
  }
})
