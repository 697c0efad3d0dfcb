import { isOwnService } from './shared.ts'
import type { KnownService } from './types.ts'

/** The largest of many small numbers that come and go. Zeros are nothing. */
class Largest {
  readonly #howMany = new Map<number, number>()
  #value = 0

  get value(): number {
    return this.#value
  }

  replace(before: number, after: number): void {
    if (before === after) return
    if (after > 0) this.#howMany.set(after, (this.#howMany.get(after) ?? 0) + 1)
    const left = (this.#howMany.get(before) ?? 0) - 1
    if (left > 0) this.#howMany.set(before, left)
    else this.#howMany.delete(before)
    this.#value = Math.max(this.#value, after)
    // As many steps as some earlier call went up, and never more than a quota allows.
    while (this.#value > 0 && !this.#howMany.has(this.#value)) this.#value--
  }
}

/** How much of a tenant is built with one framework. */
export interface FrameworkCount {
  readonly name: string
  readonly version: string
  services: number
  instances: number
}

/** How much a tenant has. The engine's own services, and what belongs to them, do not count. */
export class TenantCounts {
  services = 0
  instances = 0
  /** Schemas that all services list together. */
  schemas = 0
  /** By name, then by version. */
  readonly #frameworks = new Map<string, Map<string, FrameworkCount>>()
  readonly #schemas = new Largest()
  readonly #tags = new Largest()

  /** The most schemas that one service lists. */
  get mostSchemas(): number {
    return this.#schemas.value
  }

  /** The most tags that one service has. */
  get mostTags(): number {
    return this.#tags.value
  }

  /** By framework; services that name none are counted under empty words. */
  get frameworks(): Iterable<FrameworkCount> {
    return [...this.#frameworks.values()].flatMap((versions) => [...versions.values()])
  }

  /** A service has come, with all that was there before its document. */
  add(service: KnownService): void {
    if (isOwn(service)) return
    this.#change(service, 1, service.instances.size)
    this.schemas += schemasOf(service)
    this.#schemas.replace(0, schemasOf(service))
    this.#tags.replace(0, tagsOf(service))
  }

  /** A service goes, or gets another document. */
  remove(service: KnownService): void {
    if (isOwn(service)) return
    this.#change(service, -1, -service.instances.size)
    this.schemas -= schemasOf(service)
    this.#schemas.replace(schemasOf(service), 0)
    this.#tags.replace(tagsOf(service), 0)
  }

  changeInstances(service: KnownService, change: number): void {
    if (!isOwn(service)) this.#change(service, 0, change)
  }

  changeTags(service: KnownService, before: number): void {
    if (!isOwn(service)) this.#tags.replace(before, tagsOf(service))
  }

  #change({ record }: KnownService, services: number, instances: number): void {
    this.services += services
    this.instances += instances
    const { name = '', version = '' } = record.framework ?? {}
    const versions = this.#frameworks.get(name) ?? new Map<string, FrameworkCount>()
    const count = versions.get(version) ?? { name, version, services: 0, instances: 0 }
    count.services += services
    count.instances += instances
    if (services === 0) return
    if (count.services > 0) this.#frameworks.set(name, versions.set(version, count))
    else if (versions.delete(version) && versions.size === 0) this.#frameworks.delete(name)
  }
}

/** How many tags a service has. */
export function tagsOf({ tags }: Pick<KnownService, 'tags'>): number {
  return tags === undefined ? 0 : Object.keys(tags).length
}

function schemasOf({ record }: KnownService): number {
  return record.schemas?.length ?? 0
}

function isOwn({ tenant, record }: KnownService): boolean {
  return isOwnService(tenant, record)
}
