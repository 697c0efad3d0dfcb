import { Pace } from '../../kernel/pace.ts'
import type { KnownService } from '../registry/index.ts'

/** How much there is; zeros are left out. */
export interface Statistics {
  readonly services: { readonly count?: number; readonly onlineCount?: number }
  readonly instances: { readonly count?: number; readonly countByDomain?: number }
  readonly apps: { readonly count?: number }
}

/** Counts services by name (their versions are one), those with instances, instances and applications. */
export async function countAll(services: readonly KnownService[]): Promise<Statistics> {
  const pace = new Pace()
  const names = new Set<string>()
  const online = new Set<string>()
  const apps = new Set<string>()
  let instances = 0
  for (const { record, instances: own } of services) {
    const pause = pace.step()
    if (pause !== undefined) await pause
    const name = `${record.environment ?? ''}/${record.appId}/${record.serviceName}`
    names.add(name)
    apps.add(record.appId ?? '')
    instances += own.size
    if (own.size > 0) online.add(name)
  }
  return {
    services: { ...some('count', names.size), ...some('onlineCount', online.size) },
    instances: { ...some('count', instances), ...some('countByDomain', instances) },
    apps: some('count', apps.size),
  }
}

function some<Name extends string>(name: Name, count: number): { readonly [Key in Name]?: number } {
  return count === 0 ? {} : ({ [name]: count } as { readonly [Key in Name]: number })
}
