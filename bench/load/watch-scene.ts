import { setTimeout as wait } from 'node:timers/promises'
import type { EngineProcess } from './engine-process.ts'
import { spread } from './figures.ts'
import { Histogram, type Latency } from './histogram.ts'
import { cpuSeconds, residentMegabytes } from './process-usage.ts'
import { REGISTRY, RegistryCalls } from './registry-calls.ts'
import type { WatchersJob } from './watchers.ts'
import { Worker } from './worker.ts'

export interface WatchScene {
  readonly name: string
  readonly title: string
  readonly watchers: number
  /** Services that the watchers belong to; each has as many watchers as the others. */
  readonly consumers: number
  readonly changes: number
}

export interface WatchFigures {
  readonly scene: string
  /** From sending the change to the arrival of its frame, over all watchers and changes, in milliseconds. */
  readonly delay: Latency
  /** Median over the changes of the time until the last watcher had its frame. */
  readonly lastWatcherMs: number
  /** Median over the changes of the time until the answer to the change itself. */
  readonly answerMs: number
  /** CPU time of the engine per watcher and change. */
  readonly cpuMicroseconds: number
  readonly megabytes: number
  readonly errors: number
  readonly firstError: string
}

export const WATCH_SCENES: readonly WatchScene[] = [
  { name: 'watch-1000', title: 'change → 1000 watchers', watchers: 1000, consumers: 1, changes: 20 },
  { name: 'watch-10000', title: 'change → 10000 watchers', watchers: 10_000, consumers: 1, changes: 15 },
  {
    name: 'watch-spread',
    title: 'change → 10000 watchers of 1000 services',
    watchers: 10_000,
    consumers: 1000,
    changes: 15,
  },
]

const PROVIDER = 'watched'
const ARRIVAL_TIMEOUT_MS = 10_000
const PAUSE_MS = 200
const WARM_UP_CHANGES = 3

export async function measureWatch(scene: WatchScene, engine: EngineProcess): Promise<WatchFigures> {
  const calls = new RegistryCalls(engine.port)
  await calls.createService(PROVIDER)
  await calls.register(PROVIDER, ['1'])
  const consumers = Array.from({ length: scene.consumers }, (_, index) => `watching-${index}`)
  for (const consumer of consumers) {
    await calls.createService(consumer)
    await calls.depend(consumer, PROVIDER)
  }
  const paths = Array.from({ length: scene.watchers }, (_, index) => {
    return `${REGISTRY}/microservices/${consumers[index % consumers.length]}/watcher`
  })
  await using watchers = new Worker<WatchersJob, number[]>('./watchers.ts')
  await watchers.ask({ kind: 'open', port: engine.port, paths })
  await wait(PAUSE_MS)
  const change = changer(calls, watchers)
  for (let index = 0; index < WARM_UP_CHANGES; index += 1) await change()
  const cpuBefore = cpuSeconds(engine.pid)
  const results: Change[] = []
  for (let index = 0; index < scene.changes; index += 1) results.push(await change())
  const cpuMicroseconds = ((cpuSeconds(engine.pid) - cpuBefore) * 1e6) / (scene.changes * scene.watchers)
  const [surplus = 0, lost = 0] = await watchers.ask({ kind: 'surplus' })
  const usage = { cpuMicroseconds, megabytes: residentMegabytes(engine.pid) }
  await watchers[Symbol.asyncDispose]()
  for (const consumer of consumers) await calls.removeService(consumer)
  await calls.removeService(PROVIDER)
  return {
    scene: scene.name,
    ...summary(results, scene.watchers),
    ...usage,
    ...faults(results, { scene, surplus, lost }),
  }
}

interface Change {
  readonly answerMs: number
  readonly delaysMs: readonly number[]
}

function changer(calls: RegistryCalls, watchers: Worker<WatchersJob, number[]>): () => Promise<Change> {
  let changes = 0
  return async () => {
    changes += 1
    const arrivals = watchers.ask({ kind: 'arrivals', timeoutMs: ARRIVAL_TIMEOUT_MS })
    await wait(PAUSE_MS)
    const sentAt = now()
    const body = JSON.stringify({ properties: { change: String(changes) } })
    const path = `${REGISTRY}/microservices/${PROVIDER}/instances/1/properties`
    await calls.send({ method: 'PUT', path, body })
    const answerMs = now() - sentAt
    return { answerMs, delaysMs: (await arrivals).map((arrival) => arrival - sentAt) }
  }
}

/** The monotonic clock, which all processes of a machine share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6

function summary(
  changes: readonly Change[],
  watchers: number,
): Pick<WatchFigures, 'delay' | 'lastWatcherMs' | 'answerMs'> {
  const histogram = new Histogram()
  for (const { delaysMs } of changes) for (const delay of delaysMs) histogram.record(delay)
  const complete = changes.filter(({ delaysMs }) => delaysMs.length === watchers)
  return {
    delay: histogram.latency(),
    lastWatcherMs: spread(complete.map(({ delaysMs }) => Math.max(...delaysMs))).median,
    answerMs: spread(changes.map(({ answerMs }) => answerMs)).median,
  }
}

interface Counts {
  readonly scene: WatchScene
  readonly surplus: number
  readonly lost: number
}

function faults(
  changes: readonly Change[],
  { scene, surplus, lost }: Counts,
): Pick<WatchFigures, 'errors' | 'firstError'> {
  const missing = changes.reduce((sum, { delaysMs }) => sum + scene.watchers - delaysMs.length, 0)
  const errors = missing + surplus + lost
  const firstError = errors === 0 ? '' : `${missing} frames missing, ${surplus} too many, ${lost} connections lost`
  return { errors, firstError }
}
