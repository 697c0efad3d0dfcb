import type { Microservice } from '@rollcall/protocol/documents'
import type { Clock } from '../../kernel/clock.ts'
import type { Committer, Plan } from '../../storage/commit.ts'
import { unchanged } from '../../storage/commit.ts'
import type { Companion, Usage } from './decide.ts'
import { decideRemoval, serviceChange } from './decide.ts'
import { namePath } from './name-group.ts'
import { isOwnService } from './shared.ts'
import type { KnownService, ServiceId, Tenant } from './types.ts'
import { newestFirst } from './versions.ts'
import type { RegistryView } from './view.ts'

/** Which versions of services are old enough to go. */
export interface RetireRules {
  /** So many newest versions of each name stay whatever they are; at least one. */
  readonly keep: number
  /** A version that was created or changed more recently stays: its instances may be about to come. */
  readonly minAgeSeconds: number
}

/** Why a version stays. */
export type KeptReason = 'newest' | 'instances' | 'recent'

/** What became of one version; without a reason it goes. */
export interface Verdict {
  readonly id: ServiceId
  /** As it was when it was judged. */
  readonly record: Microservice
  readonly reason?: KeptReason
}

interface Needs {
  readonly view: RegistryView
  readonly committer: Committer
  readonly relations: { readonly usage: Usage; readonly companions: readonly Companion[] }
  readonly clock: Clock
}

/**
 * Removes old versions of services that have no instances. Consumers depend on names, never on versions, and the
 * newest version of a name always stays, so nobody loses a provider by it.
 */
export class RetiredVersions {
  readonly #view: RegistryView
  readonly #committer: Committer
  readonly #relations: Needs['relations']
  readonly #clock: Clock

  constructor({ view, committer, relations, clock }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#relations = relations
    this.#clock = clock
  }

  /** What would become of each version of a tenant now; the engine's own services are not looked at. */
  judge(tenant: Tenant, rules: RetireRules): Verdict[] {
    return this.#judgeAll(tenant, rules).map(({ verdict }) => verdict)
  }

  /** Removes what is to go; each version is judged again at the moment of its removal. */
  async retire(tenant: Tenant, rules: RetireRules): Promise<Verdict[]> {
    const verdicts: Verdict[] = []
    for (const { verdict, newest } of this.#judgeAll(tenant, rules)) {
      if (verdict.reason !== undefined) verdicts.push(verdict)
      else verdicts.push(...(await this.#remove({ tenant, id: verdict.id }, newest, rules)))
    }
    return verdicts
  }

  #judgeAll(tenant: Tenant, rules: RetireRules): { readonly verdict: Verdict; readonly newest: KnownService[] }[] {
    const names = new Map<string, KnownService[]>()
    for (const service of this.#view.services(tenant)) {
      const { record } = service
      if (isOwnService(tenant, record)) continue
      const path = namePath(record, record.serviceName)
      const versions = names.get(path)
      if (versions === undefined) names.set(path, [service])
      else versions.push(service)
    }
    return [...names.keys()].sort().flatMap((path) => {
      const versions = newestFirst(names.get(path) ?? [])
      const newest = versions.slice(0, rules.keep)
      return versions.map((service) => ({ verdict: this.#judgeOne(service, newest, rules), newest }))
    })
  }

  /** Answers nothing when somebody else removed it meanwhile. */
  #remove(
    { tenant, id }: Pick<KnownService, 'tenant' | 'id'>,
    newest: readonly KnownService[],
    rules: RetireRules,
  ): Promise<Verdict[]> {
    return this.#committer.change((): Plan<Verdict[]> => {
      const service = this.#view.service(tenant, id)
      if (service === undefined) return unchanged([])
      const areThere = newest.every((version) => this.#view.service(tenant, version.id) === version)
      const staying = areThere ? newest : newestFirst(this.#versionsOf(service)).slice(0, rules.keep)
      const verdict = this.#judgeOne(service, staying, rules)
      if (verdict.reason !== undefined) return unchanged([verdict])
      const since = this.#committer.revision
      const { guards, writes } = decideRemoval(this.#view, this.#relations, { service, force: true, since })
      // Those that stay must still be there when this one goes.
      const stayingGuards = staying.flatMap((version) => serviceChange(version, {}).guards)
      return { guards: [...guards, ...stayingGuards], writes, result: [verdict] }
    })
  }

  #judgeOne(service: KnownService, newest: readonly KnownService[], { minAgeSeconds }: RetireRules): Verdict {
    const { id, record } = service
    if (newest.includes(service)) return { id, record, reason: 'newest' }
    if (service.instances.size > 0) return { id, record, reason: 'instances' }
    const { timestamp = '0', modTimestamp = '0' } = record
    const changedAt = Math.max(Number(timestamp), Number(modTimestamp))
    if (this.#clock.now() / 1000 - changedAt < minAgeSeconds) return { id, record, reason: 'recent' }
    return { id, record }
  }

  #versionsOf({ tenant, record }: KnownService): Iterable<KnownService> {
    return this.#view.byName(tenant, namePath(record, record.serviceName))?.versions.values() ?? []
  }
}
