import type { ServiceKey } from '@rollcall/protocol/documents'
import { fail } from '../../kernel/failure.ts'
import { DEPENDENCIES_PER_COMMIT_MAX, PENDING_DEPENDENCIES_MAX } from '../../kernel/limits.ts'
import type { Committer } from '../../storage/commit.ts'
import type { Guard, MaybePromise } from '../../storage/store.ts'
import type { Companion, KnownService, PlanPart, RegistryView, Tenant, Usage, UseRecorder } from '../registry/index.ts'
import { namePath, serviceChange } from '../registry/index.ts'
import { isSame, RuleDraft } from './draft.ts'
import { ANY_VERSION, consumerRule, providerRule } from './keys.ts'
import type { DependencyView } from './view.ts'

/** Refusals of this module. */
export type DependencyFailure = 'InvalidParameters' | 'ServiceNotFound'

/** A key whose tenant is settled. */
type End = ServiceKey & { readonly tenant: Tenant }

/** One consumer and the providers it declares. */
export interface Declaration {
  readonly consumer: ServiceKey
  readonly providers?: readonly ServiceKey[]
}

interface PendingUse {
  readonly consumer: KnownService
  readonly provider: KnownService
  readonly done: () => void
}

/** Which consumer uses which provider: declared, or seen when a consumer finds a provider. */
export class Dependencies implements Usage, UseRecorder, Companion {
  readonly #registry: RegistryView
  readonly #view: DependencyView
  readonly #committer: Committer
  readonly #onLostUse: (error: unknown) => void
  #pending: PendingUse[] = []
  #recording = false

  /** @param onLostUse told when seen uses could not be stored; they are recorded again at the next find */
  constructor(needs: {
    registry: RegistryView
    view: DependencyView
    committer: Committer
    onLostUse: (error: unknown) => void
  }) {
    this.#registry = needs.registry
    this.#view = needs.view
    this.#committer = needs.committer
    this.#onLostUse = needs.onLostUse
  }

  /** Notes that a consumer found a provider. Uses that arrive while others are being stored share one commit. */
  record(consumerService: KnownService, providerService: KnownService): MaybePromise<void> {
    const consumer = endOf(consumerService)
    const provider = { ...endOf(providerService), version: ANY_VERSION }
    const known = this.#view.rule(consumerRule(consumer.tenant, consumer)).keys
    if (known.some((key) => isSame(key, provider)) || this.#pending.length >= PENDING_DEPENDENCIES_MAX) return
    return new Promise((done) => {
      this.#pending.push({ consumer: consumerService, provider: providerService, done })
      if (!this.#recording) void this.#recordPending()
    })
  }

  /**
   * Takes declared dependencies. `replace`: each consumer has exactly the providers named that exist; else they are
   * added, and may be of services that do not exist yet.
   * @throws ServiceNotFound for an unknown consumer, InvalidParameters for a provider named twice or of another tenant
   */
  declare(tenant: Tenant, declarations: readonly Declaration[], replace: boolean): Promise<void> {
    return this.#committer.change(() => {
      const draft = new RuleDraft(this.#view)
      for (const declaration of declarations) this.#draft(draft, tenant, { ...declaration, replace })
      return { ...draft.finish(), result: undefined }
    })
  }

  /** What consumers depend on, declared or seen, whether it exists or not. @throws ServiceNotFound for an unknown consumer */
  declaredBy(
    tenant: Tenant,
    consumers: readonly ServiceKey[],
  ): { consumer: ServiceKey; providers: readonly ServiceKey[] }[] {
    return consumers.map((key) => {
      const consumer = this.#declaredConsumer(tenant, key)
      return { consumer, providers: this.#view.rule(consumerRule(tenant, consumer)).keys }
    })
  }

  /** All versions of the services that this one depends on, by id. */
  providersOf(consumer: KnownService): KnownService[] {
    const { keys } = this.#view.rule(consumerRule(consumer.tenant, endOf(consumer)))
    const found = keys.flatMap((key) => this.#versionsOf(key, consumer.tenant))
    return found.sort(byId)
  }

  /** The services that depend on any version of this one's name, by id. */
  consumersOf(provider: KnownService): KnownService[] {
    return [...this.eachConsumer(provider)].sort(byId)
  }

  /** The same in no order, one at a time. */
  *eachConsumer(provider: KnownService): Iterable<KnownService> {
    for (const key of this.#view.rule(providerRule(provider.tenant, endOf(provider))).keys) {
      const consumer = this.#nameGroup(key, provider.tenant)?.versions.get(key.version ?? '')
      if (consumer !== undefined) yield consumer
    }
  }

  isUsedByOthers(service: KnownService): boolean {
    for (const consumer of this.eachConsumer(service)) if (consumer !== service) return true
    return false
  }

  withdrawal(service: KnownService, { lastVersion }: { readonly lastVersion: boolean }): PlanPart {
    const draft = new RuleDraft(this.#view)
    const own = endOf(service)
    const consumed = consumerRule(own.tenant, own)
    const provided = providerRule(own.tenant, own)
    for (const provider of this.#view.rule(consumed).keys) draft.remove(own, settle(provider, own.tenant))
    if (lastVersion) {
      const asProvider = { ...own, version: ANY_VERSION }
      for (const consumer of this.#view.rule(provided).keys) draft.remove(settle(consumer, own.tenant), asProvider)
    }
    const { guards, writes } = draft.finish()
    // The rules read here decide whether the removal is allowed at all, so they must not change under it either.
    for (const key of [consumed, provided]) {
      if (!guards.some((guard) => 'key' in guard && guard.key === key)) {
        guards.push({ key, revision: this.#view.rule(key).revision })
      }
    }
    return { guards, writes }
  }

  #draft(draft: RuleDraft, tenant: Tenant, asked: Declaration & { readonly replace: boolean }): void {
    for (const key of [asked.consumer, ...(asked.providers ?? [])]) checkTenant(key, tenant)
    const consumer = this.#declaredConsumer(tenant, asked.consumer)
    const providers = (asked.providers ?? []).map((key): End => {
      const { alias: _, ...name } = settle(key, tenant)
      return { ...name, appId: key.appId || (consumer.appId ?? ''), version: ANY_VERSION }
    })
    if (providers.some((one, index) => providers.findIndex((other) => isSame(one, other)) < index)) {
      fail<DependencyFailure>(
        'InvalidParameters',
        'Invalid request body for provider info.Duplicate provider or (serviceName and appId is same).',
      )
    }
    if (asked.replace) {
      const rule = consumerRule(consumer.tenant, consumer)
      for (const provider of draft.keys(rule)) draft.remove(consumer, settle(provider, tenant))
    }
    const kept = asked.replace ? providers.filter((key) => this.#versionsOf(key, tenant).length > 0) : providers
    for (const provider of kept) draft.add(consumer, provider)
  }

  #declaredConsumer(tenant: Tenant, key: ServiceKey): End {
    const version = key.version ?? ''
    const named = this.#nameGroup(key, tenant)?.versions.get(version)
    const found = named ?? this.#registry.byAlias(tenant, namePath(key, key.alias))?.versions.get(version)
    if (found !== undefined) return endOf(found)
    const path = namePath(key, key.serviceName)
    return fail<DependencyFailure>('ServiceNotFound', `Consumer ${path}/${version} does not exist.`)
  }

  async #recordPending(): Promise<void> {
    this.#recording = true
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, DEPENDENCIES_PER_COMMIT_MAX)
      try {
        await this.#committer.change(() => {
          const draft = new RuleDraft(this.#view)
          const guards = batch.flatMap((use) => this.#draftUse(draft, use))
          const part = draft.finish()
          return { guards: [...guards, ...part.guards], writes: part.writes, result: undefined }
        })
      } catch (error) {
        this.#onLostUse(error)
      }
      for (const { done } of batch) done()
    }
    this.#recording = false
  }

  /** Adds a seen use, unless one of its ends has gone meanwhile; answers what keeps both there. */
  #draftUse(draft: RuleDraft, { consumer, provider }: PendingUse): readonly Guard[] {
    const ends = [consumer, provider].map(({ tenant, id }) => this.#registry.service(tenant, id))
    const [user, used] = ends
    if (user === undefined || used === undefined) return []
    draft.add(endOf(user), { ...endOf(used), version: ANY_VERSION })
    return [user, used].flatMap((end) => serviceChange(end, {}).guards)
  }

  #versionsOf(key: ServiceKey, tenant: Tenant): KnownService[] {
    return [...(this.#nameGroup(key, tenant)?.versions.values() ?? [])]
  }

  /** What a key means to a tenant; services of others are none of its business, whatever a rule says. */
  #nameGroup(key: ServiceKey, tenant: Tenant): ReturnType<RegistryView['byName']> {
    if ((key.tenant || tenant) !== tenant) return undefined
    return this.#registry.byName(tenant, namePath(key, key.serviceName))
  }
}

function endOf({ tenant, record }: KnownService): End {
  const { environment, appId, serviceName, version } = record
  const key = { tenant, appId: appId ?? '', serviceName: serviceName ?? '', version: version ?? '' }
  return environment ? { ...key, environment } : key
}

function checkTenant({ tenant: named }: ServiceKey, tenant: Tenant): void {
  if ((named || tenant) === tenant) return
  fail<DependencyFailure>(
    'InvalidParameters',
    `field 'MicroServiceKey.Tenant' invalid value '${named}' does not match rule: {domain and project of the request}`,
  )
}

function settle(key: ServiceKey, tenant: Tenant): End {
  return { ...key, tenant: key.tenant || tenant }
}

function byId(one: KnownService, other: KnownService): number {
  return one.id < other.id ? -1 : 1
}
