import { createHash } from 'node:crypto'
import { systemClock } from '@rollcall/engine/kernel/clock'
import { LmdbStore } from '@rollcall/engine/storage/lmdb/lmdb-store'
import type { Write } from '@rollcall/engine/storage/store'

/** What a store is filled with. Everything is spread evenly over the tenants. */
export interface Filling {
  readonly tenants: number
  readonly services: number
  readonly instancesPerService: number
  readonly contractsPerService: number
}

const WRITES_PER_COMMIT = 1000
const COMMITS_AT_ONCE = 16
const LEASE_SECONDS = 7200
const SECONDS = '1795493502'

/** The tenant of a service; one alone is the default one. */
function tenantOf(filling: Filling, service: number): string {
  return filling.tenants === 1 ? 'default/default' : `tenant-${service % filling.tenants}/default`
}

/** Writes what an engine would have stored, without its requests: filling is not what is measured. */
export async function fillStore(path: string, filling: Filling): Promise<void> {
  const store = new LmdbStore({ path, clock: systemClock })
  await store.open()
  let writes: Write[] = []
  let commits: Promise<unknown>[] = []
  const flush = async (most: number): Promise<void> => {
    commits.push(store.commit([], writes))
    writes = []
    if (commits.length < most) return
    await Promise.all(commits)
    commits = []
  }
  for (let service = 0; service < filling.services; service += 1) {
    const leases: string[] = []
    while (leases.length < filling.instancesPerService) leases.push(await store.grantLease(LEASE_SECONDS))
    writes.push(...serviceWrites(filling, service, leases))
    if (writes.length >= WRITES_PER_COMMIT) await flush(COMMITS_AT_ONCE)
  }
  await flush(1)
  await store.close()
}

function serviceWrites(filling: Filling, service: number, leases: readonly string[]): Write[] {
  const tenant = tenantOf(filling, service)
  const id = hash('sha1', `${tenant} ${service}`)
  const schemas = Array.from({ length: filling.contractsPerService }, (_, index) => `contract-${index}`)
  const name = `service-${service}`
  const times = { timestamp: SECONDS, modTimestamp: SECONDS }
  const key = { serviceId: id, appId: 'shop', serviceName: name, description: 'one of many', version: '1.0.0' }
  const record = { ...key, level: 'BACK', ...(schemas.length === 0 ? {} : { schemas }), status: 'UP', ...times }
  return [
    { key: `/cse-sr/ms/files/${tenant}/${id}`, value: JSON.stringify({ ...record, environment: 'testing' }) },
    { key: `/cse-sr/ms/indexes/${tenant}/testing/shop/${name}/1.0.0`, value: id },
    ...leases.flatMap((lease, index) => instanceWrites(`${tenant}/${id}`, lease, index)),
    ...schemas.flatMap((schema) => contractWrites(tenant, id, schema)),
  ]
}

function instanceWrites(service: string, lease: string, index: number): Write[] {
  const id = hash('md5', `${service} ${index}`)
  const record = {
    instanceId: id,
    serviceId: service.slice(service.lastIndexOf('/') + 1),
    endpoints: [`rest://10.0.0.${index}:8080`],
    hostName: `host-${index}`,
    status: 'UP',
    properties: { zone: 'a' },
    healthCheck: { mode: 'push', interval: LEASE_SECONDS / 4, times: 3 },
    timestamp: SECONDS,
    modTimestamp: SECONDS,
    version: '1.0.0',
  }
  return [
    { key: `/cse-sr/inst/files/${service}/${id}`, value: JSON.stringify(record), lease },
    { key: `/cse-sr/inst/leases/${service}/${id}`, value: lease, lease },
  ]
}

function contractWrites(tenant: string, service: string, schema: string): Write[] {
  const content = `openapi: 3.0.0 # ${service} ${schema}`
  const contentHash = hash('md5', `${schema}: ${content}`)
  return [
    { key: `/cse-sr/ms/schema-ref/${tenant}/${service}/${schema}`, value: contentHash },
    { key: `/cse-sr/ms/schema-sum/${tenant}/${service}/${schema}`, value: hash('md5', content) },
    { key: `/cse-sr/ms/schema-content/${tenant}/${contentHash}`, value: content },
  ]
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex')
}
