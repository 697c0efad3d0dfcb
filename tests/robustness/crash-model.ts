import { createHash } from 'node:crypto'

/** An instance as far as this suite changes and compares it. */
export interface InstanceState {
  readonly status: string
  readonly properties: Readonly<Record<string, string>>
}

export interface ServiceState {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** Contents by schema id. */
  readonly schemas: Readonly<Record<string, string>>
  readonly instances: Readonly<Record<string, InstanceState>>
}

/** All services of one tenant, by id. */
export type TenantState = Readonly<Record<string, ServiceState>>

/** One request that changes something; all or nothing of it may survive a crash. */
export type Write =
  | { readonly kind: 'create'; readonly id: string; readonly service: ServiceState; readonly givesId: boolean }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'describe'; readonly id: string; readonly properties: Readonly<Record<string, string>> }
  | { readonly kind: 'tag'; readonly id: string; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'upload'; readonly id: string; readonly schemas: Readonly<Record<string, string>> }
  | { readonly kind: 'register'; readonly id: string; readonly instanceId: string; readonly instance: InstanceState }
  | { readonly kind: 'unregister'; readonly id: string; readonly instanceId: string }
  | {
      readonly kind: 'label'
      readonly id: string
      readonly instanceId: string
      readonly properties: Readonly<Record<string, string>>
    }
  | { readonly kind: 'status'; readonly id: string; readonly instanceId: string; readonly status: string }
  | { readonly kind: 'statusOfAll'; readonly status: string }

/** What a tenant holds after a write. */
export function applyWrite(state: TenantState, write: Write): TenantState {
  switch (write.kind) {
    case 'create':
      return { ...state, [write.id]: write.service }
    case 'remove': {
      const { [write.id]: _, ...rest } = state
      return rest
    }
    case 'describe':
      return change(state, write.id, (service) => ({ ...service, properties: write.properties }))
    case 'tag':
      return change(state, write.id, (service) => ({ ...service, tags: write.tags }))
    case 'upload':
      return change(state, write.id, (service) => ({ ...service, schemas: write.schemas }))
    case 'register':
      return changeInstance(state, write, () => write.instance)
    case 'unregister':
      return changeInstance(state, write, () => undefined)
    case 'label':
      return changeInstance(state, write, (instance) => ({ ...instance, properties: write.properties }))
    case 'status':
      return changeInstance(state, write, (instance) => ({ ...instance, status: write.status }))
    case 'statusOfAll':
      return Object.keys(state).reduce(
        (all, id) => change(all, id, (service) => withStatus(service, write.status)),
        state,
      )
  }
}

function change(state: TenantState, id: string, by: (service: ServiceState) => ServiceState): TenantState {
  const service = state[id]
  return service === undefined ? state : { ...state, [id]: by(service) }
}

const BLANK: InstanceState = { status: 'UP', properties: {} }

function changeInstance(
  state: TenantState,
  { id, instanceId }: { readonly id: string; readonly instanceId: string },
  by: (instance: InstanceState) => InstanceState | undefined,
): TenantState {
  return change(state, id, (service) => {
    const { [instanceId]: instance = BLANK, ...others } = service.instances
    const changed = by(instance)
    return { ...service, instances: changed === undefined ? others : { ...others, [instanceId]: changed } }
  })
}

function withStatus(service: ServiceState, status: string): ServiceState {
  const instances = Object.entries(service.instances).map(([id, instance]) => [id, { ...instance, status }] as const)
  return { ...service, instances: Object.fromEntries(instances) }
}

/** A text that two states have in common exactly when no request can tell them apart. */
export function fingerprint(state: TenantState): string {
  const services = sorted(state).map(([id, { name, properties, tags, schemas, instances }]) => ({
    id,
    name,
    properties: sorted(properties),
    tags: sorted(tags),
    schemas: sorted(schemas),
    instances: sorted(instances).map(([instanceId, instance]) => ({
      instanceId,
      status: instance.status,
      properties: sorted(instance.properties),
    })),
  }))
  return JSON.stringify(services)
}

function sorted<T>(entries: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1))
}

/** The id that a service without one of its own gets: always the same for the same key. */
export function generatedId(domain: string, name: string): string {
  return createHash('sha1').update(`/cse-sr/ms/indexes/${domain}/default//default/${name}/0.0.1`).digest('hex')
}
