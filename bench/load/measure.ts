import { setTimeout as wait } from 'node:timers/promises'
import { type Captured, capture } from './capture.ts'
import type { DriveJob, DriveResult } from './drive.ts'
import type { DurableJob } from './durable-floor.ts'
import type { EngineProcess } from './engine-process.ts'
import { type Side, type Slice, type Spread, side, spread } from './figures.ts'
import { cpuSeconds, residentMegabytes } from './process-usage.ts'
import { REGISTRY, RegistryCalls } from './registry-calls.ts'
import type { RequestSpec } from './request.ts'
import { type Scene, SERVICE } from './scenes.ts'
import { Worker } from './worker.ts'

export interface Settings {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

/** A scene's outcome. */
export interface SceneFigures {
  readonly scene: string
  readonly engine: Side
  readonly floor: Side
  /** Engine ÷ floor of each pair of neighbouring slices. */
  readonly ratio: Spread
  /** CPU time of the floor ÷ that of the engine; undefined where they do different work. */
  readonly cpuRatio: number | undefined
  /** What the generator reaches against a server that does nothing. */
  readonly ceilingPerSecond: number
  readonly errors: number
  readonly firstError: string
}

export type Generator = Worker<DriveJob, DriveResult>

const WARM_UP_SECONDS = 1.5
const SETTLE_MS = 500
const CEILING_SECONDS = 0.3
const CEILING_SLICES = 4

/** Measures engine and floor in turn, each round in the other order. */
export async function measureScene(scene: Scene, settings: Settings, engine: EngineProcess): Promise<SceneFigures> {
  const calls = new RegistryCalls(engine.port)
  await using generator: Generator = new Worker('./generator.ts')
  await using ceiling = new Worker<Captured, number>('./ceiling.ts')
  await calls.createService(SERVICE)
  const request = await scene.prepare(calls)
  const { connections } = settings
  const load = { connections, requests: [request], expectedStatus: scene.expectedStatus }
  const answer = await capture(engine.port, request)
  const ceilingPort = await ceiling.ask(answer)
  const most: number[] = []
  while (most.length < CEILING_SLICES) {
    most.push((await generator.ask({ ...load, port: ceilingPort, seconds: CEILING_SECONDS })).perSecond)
  }

  const engineSlice = async (seconds: number): Promise<Slice> => {
    if (scene.isGrowing) await renew(calls)
    return measured(engine.pid, () => generator.ask({ ...load, port: engine.port, seconds }))
  }
  const sides = { engine: [] as Slice[], floor: [] as Slice[] }
  await using floor = await startFloor(scene, { request, answer, calls, load, generator })
  await engineSlice(WARM_UP_SECONDS)
  await floor.slice(WARM_UP_SECONDS)
  for (let round = 0; round < settings.rounds; round += 1) {
    for (const name of round % 2 === 0 ? (['engine', 'floor'] as const) : (['floor', 'engine'] as const)) {
      const slice = name === 'engine' ? engineSlice : floor.slice
      sides[name].push(await slice(settings.seconds))
    }
  }
  const megabytes = residentMegabytes(engine.pid)
  await calls.removeService(SERVICE)
  return figures({ scene, sides, ceilingPerSecond: Math.max(...most), megabytes: [megabytes, floor.megabytes()] })
}

interface Floor extends AsyncDisposable {
  slice(seconds: number): Promise<Slice>
  megabytes(): number
}

interface FloorNeeds {
  readonly request: RequestSpec
  readonly answer: Captured
  readonly calls: RegistryCalls
  readonly load: Omit<DriveJob, 'port' | 'seconds'>
  readonly generator: Generator
}

async function startFloor(scene: Scene, needs: FloorNeeds): Promise<Floor> {
  return scene.floor === 'bare lmdb' ? durableFloor(needs) : httpFloor(needs)
}

async function httpFloor({ request, answer, load, generator }: FloorNeeds): Promise<Floor> {
  const server = new Worker<Captured, number>('./floor.ts')
  const port = await server.ask(answer)
  const same = await capture(port, request)
  if (JSON.stringify(same) !== JSON.stringify(answer)) throw new Error('the floor answers other bytes than the engine')
  return {
    slice: (seconds) => measured(server.pid, () => generator.ask({ ...load, port, seconds })),
    megabytes: () => residentMegabytes(server.pid),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function durableFloor({ calls, load }: FloorNeeds): Promise<Floor> {
  const writer = new Worker<DurableJob, DriveResult>('./durable-floor.ts')
  const valueBytes = await storedBytes(calls)
  return {
    slice: (seconds) => measured(writer.pid, () => writer.ask({ writers: load.connections, seconds, valueBytes })),
    megabytes: () => residentMegabytes(writer.pid),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  }
}

/** Bytes of one instance as JSON, which is about what the engine stores. */
async function storedBytes(calls: RegistryCalls): Promise<number> {
  const { bodyBase64 } = await calls.send({ method: 'GET', path: `${REGISTRY}/microservices/${SERVICE}/instances` })
  const { instances } = JSON.parse(Buffer.from(bodyBase64, 'base64').toString()) as { readonly instances: unknown[] }
  return JSON.stringify(instances[0]).length
}

/** Empties the service. What the store still does for the removal is not part of the next slice. */
async function renew(calls: RegistryCalls): Promise<void> {
  await calls.removeService(SERVICE)
  await calls.createService(SERVICE)
  await wait(SETTLE_MS)
}

async function measured(pid: number, run: () => Promise<DriveResult>): Promise<Slice> {
  const before = cpuSeconds(pid)
  const { perSecond, requests, latency, errors, firstError } = await run()
  const cpuMicroseconds = ((cpuSeconds(pid) - before) * 1e6) / requests
  return { perSecond, latency, cpuMicroseconds, errors, firstError }
}

interface Outcome {
  readonly scene: Scene
  readonly sides: { readonly engine: readonly Slice[]; readonly floor: readonly Slice[] }
  readonly ceilingPerSecond: number
  readonly megabytes: readonly [engine: number, floor: number]
}

function figures({ scene, sides, ceilingPerSecond, megabytes }: Outcome): SceneFigures {
  const engine = side(sides.engine, megabytes[0])
  const floor = side(sides.floor, megabytes[1])
  const ratios = sides.engine.map(({ perSecond }, index) => perSecond / (sides.floor[index]?.perSecond ?? Number.NaN))
  const slices = [...sides.engine, ...sides.floor]
  const cpuRatio = floor.cpuMicroseconds.median / engine.cpuMicroseconds.median
  return {
    scene: scene.name,
    engine,
    floor,
    ratio: spread(ratios),
    cpuRatio: scene.floor === 'bare http' ? cpuRatio : undefined,
    ceilingPerSecond,
    errors: slices.reduce((sum, { errors }) => sum + errors, 0),
    firstError: slices.find(({ firstError }) => firstError !== '')?.firstError ?? '',
  }
}
