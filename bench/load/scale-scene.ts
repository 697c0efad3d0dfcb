import { type EngineOptions, EngineProcess } from './engine-process.ts'
import { spread } from './figures.ts'
import { type Filling, fillStore } from './fill-store.ts'
import { residentMegabytes } from './process-usage.ts'
import { REGISTRY, RegistryCalls } from './registry-calls.ts'
import type { RequestSpec } from './request.ts'

/** A full registry, and what single large requests do to everybody else. */
export interface ScaleScene {
  readonly name: string
  readonly title: string
  readonly filling: Filling
}

export interface ScaleFigures {
  readonly scene: string
  readonly startSeconds: number
  readonly megabytes: number
  readonly requests: readonly RequestFigures[]
  readonly errors: number
  readonly firstError: string
}

/** Medians of several times. */
export interface RequestFigures {
  readonly name: string
  readonly milliseconds: number
  readonly bytes: number
  /** The longest time that nobody else could be served, as CPU time. */
  readonly longestTurnMs: number
}

export const SCALE_SCENES: readonly ScaleScene[] = [
  {
    name: 'tenant-50000',
    title: 'one tenant with 50000 services and 150000 instances',
    filling: { tenants: 1, services: 50_000, instancesPerService: 3, contractsPerService: 0 },
  },
  {
    name: 'tenants-1000',
    title: '1000 tenants with 10000 services and 30000 instances',
    filling: { tenants: 1000, services: 10_000, instancesPerService: 3, contractsPerService: 0 },
  },
]

const TIMES = 3
const BASE = '/v4/default'
const get = (path: string): RequestSpec => ({ method: 'GET', path: `${BASE}${path}` })

const REQUESTS: Readonly<Record<string, RequestSpec>> = {
  version: get('/registry/version'),
  quotas: get('/admin/quotas'),
  'list, whole': get('/registry/microservices'),
  'list, a page': get('/registry/microservices?offset=25000&limit=100'),
  'batch find, 100 services': findBatch(100),
  'set state, nobody matches': {
    method: 'PUT',
    path: `${REGISTRY}/instances/status`,
    body: '{"matches":{"properties":{"zone":"none"}},"status":"DOWN"}',
  },
  'govern, applications': get('/govern/apps?env=testing'),
  'govern, statistics': get('/govern/statistics'),
  'govern, relations': get('/govern/relations'),
  'govern, everything': get('/govern/microservices?options=all'),
  'govern, a page of everything': get('/govern/microservices?options=all&offset=0&limit=100'),
  dump: get('/admin/dump'),
}

/** A batch find of services far apart. */
export function findBatch(services: number): RequestSpec {
  const key = (index: number) => ({ environment: 'testing', appId: 'shop', serviceName: `service-${index * 7}` })
  const body = JSON.stringify({ services: Array.from({ length: services }, (_, index) => ({ service: key(index) })) })
  return { method: 'POST', path: `${REGISTRY}/instances/action?type=query`, body }
}

/** Fills a store, starts an engine on it and asks for large things, one at a time. */
export async function measureScale(scene: ScaleScene, options: EngineOptions): Promise<ScaleFigures> {
  await fillStore(options.folder, scene.filling)
  await using engine = await EngineProcess.start({ ...options, isMetered: true })
  const calls = new RegistryCalls(engine.port)
  const requests: RequestFigures[] = []
  for (const [name, request] of Object.entries(REQUESTS))
    requests.push(await measured(name, request, { engine, calls }))
  const [, quotas] = await Promise.all([calls.send(REQUESTS.version ?? get('/')), calls.send(get('/admin/quotas'))])
  const { services, tenants } = scene.filling
  const isThere = Buffer.from(quotas.bodyBase64, 'base64')
    .toString()
    .includes(`"used":${tenants === 1 ? services : 0}`)
  return {
    scene: scene.name,
    startSeconds: engine.startSeconds,
    megabytes: residentMegabytes(engine.pid),
    requests,
    errors: isThere ? 0 : 1,
    firstError: isThere ? '' : 'the engine counts other services than were stored',
  }
}

async function measured(
  name: string,
  request: RequestSpec,
  { engine, calls }: { readonly engine: EngineProcess; readonly calls: RegistryCalls },
): Promise<RequestFigures> {
  const times: number[] = []
  const turns: number[] = []
  let bytes = 0
  while (times.length < TIMES) {
    await engine.ask('memory')
    await engine.ask('longest turn')
    const begin = performance.now()
    const { bodyBase64 } = await calls.send(request)
    times.push(performance.now() - begin)
    turns.push(await engine.ask('longest turn'))
    bytes = Buffer.byteLength(bodyBase64, 'base64')
  }
  return { name, milliseconds: spread(times).median, bytes, longestTurnMs: spread(turns).median }
}
