import { setTimeout as wait } from 'node:timers/promises'
import type { DriveJob, DriveResult } from './drive.ts'
import { type EngineOptions, EngineProcess } from './engine-process.ts'
import { spread } from './figures.ts'
import { residentMegabytes } from './process-usage.ts'
import { REGISTRY, RegistryCalls, registration } from './registry-calls.ts'
import { Worker } from './worker.ts'

export interface StartFigures {
  readonly scene: string
  readonly instances: number
  /** From the start of the process to its first answer; medians of several starts. */
  readonly emptySeconds: number
  readonly seconds: number
  readonly megabytes: number
  /** After some idle time. */
  readonly settledMegabytes: number
  readonly fillPerSecond: number
  readonly errors: number
  readonly firstError: string
}

export const START_SCENE = { name: 'start', title: 'start with 150000 instances', instances: 150_000 } as const

const SERVICES = 1500
const STARTS = 3
const SETTLE_MS = 5000
/** Nobody sends heartbeats, and filling may take longer than the lease of an instance that says nothing. */
const LONG_LEASE = '{"healthCheck":{"mode":"push","interval":600,"times":3},"hostName"'

/** Fills a store, then starts the engine on it several times. */
export async function measureStart(options: EngineOptions, onProgress: (text: string) => void): Promise<StartFigures> {
  const empty = await startSeconds(options)
  const filled = await fill(options, onProgress)
  const starts = []
  for (let index = 0; index < STARTS; index += 1) {
    starts.push(await startOnce(options))
    onProgress(`start ${index + 1} of ${STARTS}: ${starts.at(-1)?.seconds.toFixed(2)} s`)
  }
  const missing = starts.filter(({ lastCount }) => lastCount !== START_SCENE.instances / SERVICES).length
  return {
    scene: START_SCENE.name,
    instances: START_SCENE.instances,
    emptySeconds: empty,
    seconds: spread(starts.map(({ seconds }) => seconds)).median,
    megabytes: spread(starts.map(({ megabytes }) => megabytes)).median,
    settledMegabytes: spread(starts.map(({ settledMegabytes }) => settledMegabytes)).median,
    fillPerSecond: filled.perSecond,
    errors: filled.errors + missing,
    firstError: missing > 0 ? 'instances are missing after a start' : filled.firstError,
  }
}

async function startSeconds(options: EngineOptions): Promise<number> {
  await using engine = await EngineProcess.start(options)
  return engine.startSeconds
}

async function fill(options: EngineOptions, onProgress: (text: string) => void): Promise<DriveResult> {
  await using engine = await EngineProcess.start(options)
  await using generator = new Worker<DriveJob, DriveResult>('./generator.ts')
  const calls = new RegistryCalls(engine.port)
  const services = Array.from({ length: SERVICES }, (_, index) => `start-${index}`)
  for (const service of services) await calls.createService(service)
  onProgress(`registering ${START_SCENE.instances} instances`)
  const requests = services.map((service) => {
    const { body = '', ...request } = registration(service)
    return { ...request, body: body.replace('labore', 'rest://10.0.0.1:%n%').replace('{"hostName"', LONG_LEASE) }
  })
  const load = { connections: 64, seconds: 300, expectedStatus: 200, requestsMax: START_SCENE.instances }
  return await generator.ask({ ...load, port: engine.port, requests })
}

interface Start {
  readonly seconds: number
  readonly megabytes: number
  readonly settledMegabytes: number
  readonly lastCount: number
}

async function startOnce(options: EngineOptions): Promise<Start> {
  await using engine = await EngineProcess.start(options)
  const megabytes = residentMegabytes(engine.pid)
  const path = `${REGISTRY}/instances?appId=default&serviceName=start-${SERVICES - 1}`
  const { bodyBase64 } = await new RegistryCalls(engine.port).send({ method: 'GET', path })
  const found = JSON.parse(Buffer.from(bodyBase64, 'base64').toString()) as { readonly instances?: unknown[] }
  await wait(SETTLE_MS)
  const settledMegabytes = residentMegabytes(engine.pid)
  return { seconds: engine.startSeconds, megabytes, settledMegabytes, lastCount: found.instances?.length ?? 0 }
}
