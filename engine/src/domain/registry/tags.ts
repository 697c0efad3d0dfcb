import { Failure, fail } from '../../kernel/failure.ts'
import type { Committer } from '../../storage/commit.ts'
import type { Allowance, Quotas } from '../quota/index.ts'
import { decideTags } from './decide.ts'
import type { RegistryFailure, ServiceId, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

type TagMap = Readonly<Record<string, string>>

/** Words that people put on service versions to pick them out in finds. */
export class Tags {
  readonly #view: RegistryView
  readonly #committer: Committer
  readonly #quotas: Quotas

  constructor(view: RegistryView, committer: Committer, quotas: Quotas) {
    this.#quotas = quotas
    this.#view = view
    this.#committer = committer
  }

  /** @throws ServiceNotFound */
  get(tenant: Tenant, id: ServiceId): TagMap {
    const service = this.#view.service(tenant, id)
    if (service === undefined) return fail<RegistryFailure>('ServiceNotFound', 'Service does not exist.')
    return service.tags ?? {}
  }

  /** How many tags one service may have. @throws QuotaUnavailable */
  async countMax(tenant: Tenant): Promise<number> {
    return (await this.#quotas.allowance(tenant)).limits.tag
  }

  /** Replaces all tags. @throws ServiceNotFound, InvalidParameters, QuotaUnavailable */
  async set(tenant: Tenant, id: ServiceId, tags: TagMap): Promise<void> {
    checkTagCount(this.#quotas, await this.#quotas.allowance(tenant), tags)
    return this.#change(tenant, id, () => tags)
  }

  /** Changes one tag. @throws ServiceNotFound, TagNotFound */
  change(tenant: Tenant, id: ServiceId, [key, value]: readonly [key: string, value: string]): Promise<void> {
    return this.#change(tenant, id, (tags) => {
      if (!Object.hasOwn(tags, key)) fail<RegistryFailure>('TagNotFound', 'Tag does not exist, please add one first.')
      return { ...tags, [key]: value }
    })
  }

  /** Removes tags: all of them, or none. @throws ServiceNotFound, TagNotFound */
  remove(tenant: Tenant, id: ServiceId, keys: readonly string[]): Promise<void> {
    return this.#change(tenant, id, (tags) => {
      const missing = keys.find((key) => !Object.hasOwn(tags, key))
      if (missing !== undefined) {
        fail<RegistryFailure>('TagNotFound', `Delete tags failed for this key ${missing} does not exist.`)
      }
      return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)))
    })
  }

  #change(tenant: Tenant, id: ServiceId, change: (tags: TagMap) => TagMap): Promise<void> {
    return this.#committer.change(() => {
      const service = this.#view.service(tenant, id)
      if (service === undefined) return fail<RegistryFailure>('ServiceNotFound', 'Service does not exist.')
      return decideTags(service, change)
    })
  }
}

/** Refuses more tags than one service may have. Service Center calls this a bad parameter, not a quota. */
function checkTagCount(quotas: Quotas, allowance: Allowance, tags: TagMap): void {
  const amount = Object.keys(tags).length
  try {
    quotas.check(allowance, { resource: 'tag', used: 0, amount })
  } catch (refused) {
    if (refused instanceof Failure) fail<RegistryFailure>('InvalidParameters', refused.detail)
    throw refused
  }
}
