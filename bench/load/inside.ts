/**
 * Loaded into an engine under measurement (`node --expose-gc --import`): tells how long its turns of the event loop were,
 * in CPU time, which a busy machine does not stretch, and how much memory is in use after a collection.
 */
const TICK_MS = 1

/** What can be asked for. */
export type InsideQuestion = 'longest turn' | 'memory'

/** CPU milliseconds of the longest turn since the last question, or bytes in use. */
export interface InsideAnswer {
  readonly value: number
}

let longestMs = 0
let last = cpuMs()

setInterval(() => {
  const now = cpuMs()
  longestMs = Math.max(longestMs, now - last)
  last = now
}, TICK_MS).unref()

process.on('message', (question: InsideQuestion) => {
  const value = question === 'memory' ? bytesInUse() : longestMs
  process.send?.({ value } satisfies InsideAnswer)
  last = cpuMs()
  longestMs = 0
})
process.channel?.unref()

/** CPU time of the main thread. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function bytesInUse(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
