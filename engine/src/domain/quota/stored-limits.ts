import type { Committer } from '../../storage/commit.ts'
import type { LimitSource, Limits } from './types.ts'
import type { QuotaView } from './view.ts'
import { PREFIX } from './view.ts'

interface Needs {
  readonly view: QuotaView
  readonly committer: Committer
  readonly defaults: Limits
}

/** Limits from the settings, and above them those that operators set for a tenant; kept in the engine's own store. */
export class StoredLimits implements LimitSource {
  readonly #view: QuotaView
  readonly #committer: Committer
  readonly #defaults: Limits

  constructor({ view, committer, defaults }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#defaults = defaults
  }

  limits(tenant: string): Limits {
    const { limits } = this.#view.overrides(tenant)
    return limits === undefined ? this.#defaults : { ...this.#defaults, ...limits }
  }

  stored(tenant: string): Limits {
    return this.limits(tenant)
  }

  set(tenant: string, limits: Partial<Limits>): Promise<void> {
    return this.#committer.change(() => {
      const { limits: before, revision } = this.#view.overrides(tenant)
      const key = `${PREFIX}${tenant}`
      const value = JSON.stringify({ ...before, ...limits })
      return { guards: [{ key, revision }], writes: [{ key, value }], result: undefined }
    })
  }
}
