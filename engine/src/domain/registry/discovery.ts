import type { ServiceKey } from '@rollcall/protocol/documents'
import { fail } from '../../kernel/failure.ts'
import type { MaybePromise } from '../../storage/store.ts'
import { revisionOf } from './answers.ts'
import type {
  InstanceId,
  InstanceList,
  InstanceNode,
  KnownService,
  RegistryFailure,
  ServiceId,
  Tenant,
} from './types.ts'
import type { RegistryView } from './view.ts'
import { namePath, ownGroup } from './view.ts'

/** Notes that a consumer asked for a provider. Declared here, provided by the dependency module. */
export interface UseRecorder {
  /** Answers at once when the use is known already, else once it is stored (or could not be). */
  record(consumer: KnownService, provider: KnownService): MaybePromise<void>
}

export interface FindQuery {
  readonly environment: string
  readonly appId: string
  /** Name or alias. */
  readonly serviceName: string
  /** Only service versions that have a tag under each of these keys. */
  readonly tags: readonly string[]
  /** Service id of who asks; empty: nobody in particular. */
  readonly consumerId: ServiceId
}

/** How a consumer finds a provider. */
export class Discovery {
  readonly #view: RegistryView
  readonly #uses: UseRecorder

  constructor(view: RegistryView, uses: UseRecorder) {
    this.#view = view
    this.#uses = uses
  }

  /**
   * All instances of all versions under a name or alias that the consumer may see. A promise only when the consumer
   * asks for the first time, so that its dependency is on record when it has the answer.
   * @throws ServiceNotFound when there is no such consumer or provider
   */
  find(tenant: Tenant, query: FindQuery): MaybePromise<InstanceList> {
    const own = ownGroup(this.#view, tenant, query)
    if (own !== undefined) return this.#view.listAll(own)
    const consumer = this.consumer(tenant, query.consumerId)
    const environment = consumer === undefined ? query.environment : (consumer.record.environment ?? '')
    const path = namePath({ environment, appId: query.appId }, query.serviceName)
    const group = this.#view.byName(tenant, path) ?? this.#view.byAlias(tenant, path)
    if (group === undefined) {
      const who = consumer === undefined ? `[${environment}///]` : describe(consumer)
      fail<RegistryFailure>(
        'ServiceNotFound',
        `Consumer[${query.consumerId}]${who} find provider[${path}] failed, provider does not exist`,
      )
    }
    if (consumer === undefined && query.tags.length === 0) return this.#view.listAll(group)
    const shown = [...group.versions.values()].filter((provider) => isShown(provider, consumer, query.tags))
    const list = this.#view.list(group, shown)
    const [provider] = shown
    if (consumer === undefined || provider === undefined) return list
    const recorded = this.#uses.record(consumer, provider)
    return recorded instanceof Promise ? recorded.then(() => list) : list
  }

  /**
   * All instances of one service version.
   * @throws ServiceNotFound when there is no such consumer or service, or the consumer may not see it
   */
  list(tenant: Tenant, serviceId: ServiceId, asker: Pick<FindQuery, 'tags' | 'consumerId'>): InstanceList {
    const consumer = this.consumer(tenant, asker.consumerId)
    const provider = this.#provider(tenant, serviceId)
    if (!isShown(provider, consumer, asker.tags)) {
      const pair = describePair(provider, asker.consumerId, consumer)
      fail<RegistryFailure>('ServiceNotFound', `${pair} instances failed, provider instance does not exist`)
    }
    const group = this.#view.byName(tenant, namePath(provider.record, provider.record.serviceName))
    if (group === undefined) throw new Error('a known service is missing in the index of names')
    return this.#view.list(group, [provider])
  }

  /**
   * One instance with the revision of the list that holds only it.
   * @throws ServiceNotFound for the consumer or the service, InstanceNotFound
   */
  get(
    tenant: Tenant,
    { serviceId, instanceId }: { readonly serviceId: ServiceId; readonly instanceId: InstanceId },
    asker: Pick<FindQuery, 'tags' | 'consumerId'>,
  ): { readonly instance: InstanceNode; readonly revision: string } {
    const consumer = this.consumer(tenant, asker.consumerId)
    const provider = this.#provider(tenant, serviceId)
    const instance = provider.instances.get(instanceId)
    if (instance === undefined || !isShown(provider, consumer, asker.tags)) {
      const pair = describePair(provider, asker.consumerId, consumer)
      return fail<RegistryFailure>(
        'InstanceNotFound',
        `${pair} instance[${instanceId}] failed, provider instance does not exist`,
      )
    }
    return { instance, revision: revisionOf([instance]) }
  }

  /** The service behind a consumer id; undefined when the id is empty. @throws ServiceNotFound */
  consumer(tenant: Tenant, id: ServiceId): KnownService | undefined {
    if (id === '') return undefined
    return this.#view.service(tenant, id) ?? fail<RegistryFailure>('ServiceNotFound', `Consumer[${id}] does not exist.`)
  }

  #provider(tenant: Tenant, id: ServiceId): KnownService {
    return this.#view.service(tenant, id) ?? fail<RegistryFailure>('ServiceNotFound', `Provider[${id}] does not exist.`)
  }
}

/** Whether a consumer may see a provider: same application or opened by its provider, same environment, all tags. */
function isShown(provider: KnownService, consumer: KnownService | undefined, tags: readonly string[]): boolean {
  if (tags.some((tag) => provider.tags === undefined || !Object.hasOwn(provider.tags, tag))) return false
  if (consumer === undefined) return true
  const { appId, environment = '', properties } = provider.record
  if ((consumer.record.environment ?? '') !== environment) return false
  return consumer.record.appId === appId || properties?.allowCrossApp?.toLowerCase() === 'true'
}

function describe({ record }: KnownService): string {
  return `[${describeKey(record)}]`
}

function describeKey({ environment = '', appId = '', serviceName = '', version = '' }: ServiceKey): string {
  return `${environment}/${appId}/${serviceName}/${version}`
}

function describePair(provider: KnownService, consumerId: ServiceId, consumer: KnownService | undefined): string {
  const who = consumer === undefined ? '[///]' : describe(consumer)
  return `Consumer[${consumerId}]${who} find provider[${provider.id}]${describe(provider)}`
}
