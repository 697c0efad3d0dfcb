import type { Committer } from '../../storage/commit.ts'
import type { LimitSource, Limits } from './types.ts'
import { SHARED_RESOURCES } from './types.ts'
import type { QuotaView } from './view.ts'
import { PREFIX } from './view.ts'

interface Needs {
  readonly view: QuotaView
  readonly committer: Committer
  readonly defaults: Limits
  /** Under whose name the limits of what all tenants share are kept. */
  readonly sharedTenant: string
}

/** Limits from the settings, and above them those that operators set for a tenant; kept in the engine's own store. */
export class StoredLimits implements LimitSource {
  readonly #view: QuotaView
  readonly #committer: Committer
  readonly #defaults: Limits
  readonly #sharedTenant: string

  constructor({ view, committer, defaults, sharedTenant }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#defaults = defaults
    this.#sharedTenant = sharedTenant
  }

  limits(tenant: string): Limits {
    const { limits } = this.#view.overrides(tenant)
    const { limits: shared } = this.#view.overrides(this.#sharedTenant)
    if (limits === undefined && shared === undefined) return this.#defaults
    return { ...this.#defaults, ...limits, ...pickShared({ ...this.#defaults, ...shared }) }
  }

  stored(tenant: string): Limits {
    return this.limits(tenant)
  }

  set(tenant: string, limits: Partial<Limits>): Promise<void> {
    const parts = new Map([[tenant, limits]])
    if (tenant !== this.#sharedTenant) {
      const { account: _, role: __, ...own } = limits
      parts.set(tenant, own).set(this.#sharedTenant, pickShared(limits))
    }
    return this.#committer.change(() => {
      const changes = [...parts].filter(([, part]) => Object.keys(part).length > 0)
      const found = changes.map(([name, part]) => {
        const { limits: before, revision } = this.#view.overrides(name)
        const key = `${PREFIX}${name}`
        return { guard: { key, revision }, write: { key, value: JSON.stringify({ ...before, ...part }) } }
      })
      const [guards, writes] = [found.map(({ guard }) => guard), found.map(({ write }) => write)]
      return { guards, writes, result: undefined }
    })
  }
}

function pickShared(limits: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(
    SHARED_RESOURCES.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]]])),
  )
}
