import { join } from 'node:path'
import { type EngineOptions, EngineProcess } from './engine-process.ts'
import { spread } from './figures.ts'
import { type Filling, fillStore } from './fill-store.ts'

export interface MemoryFigures {
  readonly scene: string
  /** Bytes in use for each of them, after a collection; medians of several starts. */
  readonly bytesPerService: number
  readonly bytesPerInstance: number
  readonly bytesPerContract: number
  readonly errors: number
  readonly firstError: string
}

export const MEMORY_SCENE = { name: 'memory', title: 'memory of a service, an instance and a contract' } as const

const STARTS = 3
const NOTHING: Filling = { tenants: 1, services: 0, instancesPerService: 0, contractsPerService: 0 }
const SERVICES = { ...NOTHING, services: 20_000 }
const INSTANCES = { ...SERVICES, instancesPerService: 4 }
const CONTRACTS = { ...SERVICES, contractsPerService: 4 }

/** Starts engines on stores that differ in one thing only. */
export async function measureMemory(options: EngineOptions): Promise<MemoryFigures> {
  const bytes = async (filling: Filling): Promise<number> => {
    const folder = join(options.folder, JSON.stringify(filling).replaceAll(/\W/g, ''))
    await fillStore(folder, filling)
    const used: number[] = []
    while (used.length < STARTS) {
      await using engine = await EngineProcess.start({ ...options, folder, isMetered: true })
      used.push(await engine.ask('memory'))
    }
    return spread(used).median
  }
  const empty = await bytes(NOTHING)
  const services = await bytes(SERVICES)
  return {
    scene: MEMORY_SCENE.name,
    bytesPerService: (services - empty) / SERVICES.services,
    bytesPerInstance: ((await bytes(INSTANCES)) - services) / (INSTANCES.services * INSTANCES.instancesPerService),
    bytesPerContract: ((await bytes(CONTRACTS)) - services) / (CONTRACTS.services * CONTRACTS.contractsPerService),
    errors: 0,
    firstError: '',
  }
}
