import type { ServiceKey } from '@rollcall/protocol/documents'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { MaybePromise } from '../../storage/store.ts'
import { revisionOf } from './answers.ts'
import { ALL, keep, type NameGroup, namePath } from './name-group.ts'
import { ownGroup } from './own-group.ts'
import type { Poll } from './polls.ts'
import { Polls } from './polls.ts'
import type {
  InstanceId,
  InstanceList,
  InstanceNode,
  KnownService,
  RegistryFailure,
  ServiceId,
  Tenant,
} from './types.ts'
import { matchingVersions } from './version-rules.ts'
import type { RegistryView } from './view.ts'

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
  /** Only these of them, see `matchingVersions`; empty or absent: all. */
  readonly versionRule?: string | undefined
  /** Service id of who asks; empty: nobody in particular. */
  readonly consumerId: ServiceId
}

/** A consumer that finds a service. */
export interface Subscriber {
  readonly consumer: KnownService
  /** Of the answer that it has. */
  readonly revision: string
  /** Whether it would be told the same now. */
  readonly isCurrent: boolean
  /** When it asked last, milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** How a consumer finds a provider. */
export class Discovery {
  readonly #view: RegistryView
  readonly #uses: UseRecorder
  readonly #polls: Polls

  constructor(view: RegistryView, { uses, clock }: { readonly uses: UseRecorder; readonly clock: Clock }) {
    this.#view = view
    this.#uses = uses
    this.#polls = new Polls(clock)
  }

  /**
   * All instances of all versions under a name or alias that the consumer may see and asks for, without those that are
   * being drained. A promise only when the consumer
   * asks for the first time, so that its dependency is on record when it has the answer; that shows what is there then,
   * because watches tell it only of what comes after.
   * @throws ServiceNotFound when there is no such consumer or provider
   */
  find(tenant: Tenant, query: FindQuery): MaybePromise<InstanceList> {
    return this.#find(tenant, query, false)
  }

  /**
   * All instances of one service version, those too that are being drained.
   * @throws ServiceNotFound when there is no such consumer or service, or the consumer may not see it
   */
  list(tenant: Tenant, serviceId: ServiceId, asker: Pick<FindQuery, 'tags' | 'consumerId'>): InstanceList {
    const consumer = this.consumer(tenant, asker.consumerId)
    const provider = this.service(tenant, serviceId)
    if (!isShown(provider, consumer, asker.tags)) {
      const pair = describePair(provider, asker.consumerId, consumer)
      fail<RegistryFailure>('ServiceNotFound', `${pair} instances failed, provider instance does not exist`)
    }
    return this.#view.listComplete(provider)
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
    const provider = this.service(tenant, serviceId)
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

  /**
   * Who has asked this engine for a service by name or alias and may see it, with the answer each got last, by id.
   * @throws ServiceNotFound
   */
  subscribers(tenant: Tenant, serviceId: ServiceId): Subscriber[] {
    const provider = this.service(tenant, serviceId)
    const { record } = provider
    const groups = [
      this.#view.byName(tenant, namePath(record, record.serviceName)),
      this.#view.byAlias(tenant, namePath(record, record.alias)),
    ]
    const found = new Map<KnownService, Subscriber>()
    for (const group of groups) {
      if (group === undefined) continue
      for (const [consumer, poll] of this.#polls.of(group)) {
        const known = found.get(consumer)
        if (this.#view.service(tenant, consumer.id) !== consumer || !isShown(provider, consumer, poll.tags)) continue
        if (known === undefined || known.atMs < poll.atMs) found.set(consumer, this.#subscriber(group, consumer, poll))
      }
    }
    return [...found.values()].sort((one, other) => (one.consumer.id < other.consumer.id ? -1 : 1))
  }

  /** The service behind a consumer id; undefined when the id is empty. @throws ServiceNotFound */
  consumer(tenant: Tenant, id: ServiceId): KnownService | undefined {
    if (id === '') return undefined
    return this.#view.service(tenant, id) ?? fail<RegistryFailure>('ServiceNotFound', `Consumer[${id}] does not exist.`)
  }

  /** A service that is asked about. @throws ServiceNotFound */
  service(tenant: Tenant, id: ServiceId): KnownService {
    return this.#view.service(tenant, id) ?? fail<RegistryFailure>('ServiceNotFound', `Provider[${id}] does not exist.`)
  }

  #find(tenant: Tenant, query: FindQuery, isRecorded: boolean): MaybePromise<InstanceList> {
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
    const { tags, versionRule = '' } = query
    if (consumer === undefined && tags.length === 0) return this.#listByRule(group, versionRule)
    const shown = [...group.versions.values()].filter((provider) => isShown(provider, consumer, tags))
    const list = this.#view.list(group, matchingVersions(shown, versionRule))
    // It uses the name, whatever versions of it there are now: watches tell it of those that come.
    const [provider] = shown
    if (consumer === undefined || provider === undefined) return list
    this.#polls.note(group, consumer, { revision: list.revision, tags, versionRule })
    const recorded = isRecorded ? undefined : this.#uses.record(consumer, provider)
    return recorded instanceof Promise ? recorded.then(() => this.#find(tenant, query, true)) : list
  }

  /** What anybody may see; kept by rule, so that versions are compared once. */
  #listByRule(group: NameGroup, rule: string): InstanceList {
    if (rule === '') return this.#view.listAll(group)
    const shown = `${ALL}${ALL}${rule}`
    const known = group.answers.get(shown)
    return known ?? keep(group, shown, this.#view.list(group, matchingVersions([...group.versions.values()], rule)))
  }

  #subscriber(group: NameGroup, consumer: KnownService, { revision, atMs, tags, versionRule }: Poll): Subscriber {
    const shown = [...group.versions.values()].filter((provider) => isShown(provider, consumer, tags))
    const current = this.#view.list(group, matchingVersions(shown, versionRule))
    return { consumer, revision, atMs, isCurrent: current.revision === revision }
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
