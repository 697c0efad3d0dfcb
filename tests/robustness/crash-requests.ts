import { type RawAnswer, requestBytes } from '../conformance/wire/http-bytes.ts'
import type { RawConnection } from '../conformance/wire/raw-connection.ts'
import type { InstanceState, ServiceState, TenantState, Write } from './crash-model.ts'

/** One HTTP request of a tenant. */
export interface TenantRequest {
  readonly method: string
  /** Below `/v4/default/registry`. */
  readonly path: string
  readonly body?: unknown
}

/** Hours, so that no instance expires while the suite runs. */
const HEALTH_CHECK = { mode: 'push', interval: 3600, times: 3 }
const READ_WITHIN_MS = 20_000

/** The request that makes a write. */
export function requestOf(write: Write): TenantRequest {
  switch (write.kind) {
    case 'create':
      return { method: 'POST', path: '/microservices', body: creation(write.id, write.service, write.givesId) }
    case 'remove':
      return { method: 'DELETE', path: `/microservices/${write.id}?force=1` }
    case 'describe':
      return { method: 'PUT', path: `/microservices/${write.id}/properties`, body: { properties: write.properties } }
    case 'tag':
      return { method: 'POST', path: `/microservices/${write.id}/tags`, body: { tags: write.tags } }
    case 'upload':
      return { method: 'POST', path: `/microservices/${write.id}/schemas`, body: { schemas: uploaded(write.schemas) } }
    case 'register':
      return {
        method: 'POST',
        path: `/microservices/${write.id}/instances`,
        body: { instance: registration(write.instanceId, write.instance) },
      }
    case 'unregister':
      return { method: 'DELETE', path: pathOf(write) }
    case 'label':
      return { method: 'PUT', path: `${pathOf(write)}/properties`, body: { properties: write.properties } }
    case 'status':
      return { method: 'PUT', path: `${pathOf(write)}/status?value=${write.status}` }
    case 'statusOfAll':
      return { method: 'PUT', path: '/instances/status', body: { status: write.status } }
  }
}

function pathOf({ id, instanceId }: { readonly id: string; readonly instanceId: string }): string {
  return `/microservices/${id}/instances/${instanceId}`
}

function creation(id: string, service: ServiceState, givesId: boolean): object {
  const { name, properties, tags, instances } = service
  return {
    service: { ...(givesId ? { serviceId: id } : {}), serviceName: name, properties },
    tags,
    instances: Object.entries(instances).map(([instanceId, instance]) => registration(instanceId, instance)),
  }
}

function uploaded(schemas: Readonly<Record<string, string>>): object[] {
  return Object.entries(schemas).map(([schemaId, schema]) => ({ schemaId, schema, summary: 'crash' }))
}

function registration(instanceId: string, { status, properties }: InstanceState): object {
  const endpoints = ['rest://10.0.0.1:8080']
  return { instanceId, hostName: 'crash', endpoints, status, properties, healthCheck: HEALTH_CHECK }
}

/** Sends a request. @returns the answer, or undefined when the connection ended before it was complete */
export function exchange(
  connection: RawConnection,
  domain: string,
  { method, path, body }: TenantRequest,
): Promise<RawAnswer | undefined> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    Host: 'rollcall',
    'X-Domain-Name': domain,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
  }
  connection.write(requestBytes({ method, path: `/v4/default/registry${path}` }, headers, text))
  return connection.readAnswer({ withinMs: READ_WITHIN_MS })
}

interface InstanceDocument {
  readonly instanceId: string
  readonly status: string
  readonly properties?: Readonly<Record<string, string>>
}

interface ServiceDocument {
  readonly serviceId: string
  readonly serviceName: string
  readonly properties?: Readonly<Record<string, string>>
}

/** Asks for all that a tenant has. */
export async function readTenant(connection: RawConnection, domain: string): Promise<TenantState> {
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await exchange(connection, domain, { method: 'GET', path })
    if (answer?.status !== 200) throw new Error(`GET ${path} of ${domain}: ${answer?.status} ${answer?.body}`)
    return JSON.parse(answer.body.toString()) as T
  }
  const state: Record<string, ServiceState> = {}
  const { services = [] } = await ask<{ readonly services?: readonly ServiceDocument[] }>('/microservices')
  for (const { serviceId, serviceName: name } of services) {
    // One by one and not from the list: the record, the index by name and the instances are kept apart.
    const { service } = await ask<{ readonly service: ServiceDocument }>(`/microservices/${serviceId}`)
    const { tags = {} } = await ask<{ readonly tags?: Record<string, string> }>(`/microservices/${serviceId}/tags`)
    const uploads = await ask<Uploads>(`/microservices/${serviceId}/schemas?withSchema=1`)
    const { instances = [] } = await ask<Found>(`/microservices/${serviceId}/instances`)
    const found = await ask<Found>(`/instances?appId=default&serviceName=${name}`)
    if (found.instances?.length !== instances.length) {
      throw new Error(`find shows ${found.instances?.length} instances of ${serviceId}, the list ${instances.length}`)
    }
    const documents = instances.map(
      ({ instanceId, status, properties = {} }) => [instanceId, { status, properties }] as const,
    )
    const schemas = (uploads.schemas ?? []).map(({ schemaId, schema = 'lost' }) => [schemaId, schema] as const)
    state[serviceId] = {
      name,
      properties: service.properties ?? {},
      tags,
      schemas: Object.fromEntries(schemas),
      instances: Object.fromEntries(documents),
    }
  }
  return state
}

interface Found {
  readonly instances?: readonly InstanceDocument[]
}

interface Uploads {
  readonly schemas?: readonly { readonly schemaId: string; readonly schema?: string }[]
}
