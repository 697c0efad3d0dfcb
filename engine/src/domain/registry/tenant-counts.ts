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

/** How much a tenant has. The engine's own services, and what belongs to them, do not count. */
export class TenantCounts {
  services = 0
  instances = 0
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

  /** A service has come, with all that was there before its document. */
  add(service: KnownService): void {
    if (isOwn(service)) return
    this.services++
    this.instances += service.instances.size
    this.#schemas.replace(0, schemasOf(service))
    this.#tags.replace(0, tagsOf(service))
  }

  /** A service goes, or gets another document. */
  remove(service: KnownService): void {
    if (isOwn(service)) return
    this.services--
    this.instances -= service.instances.size
    this.#schemas.replace(schemasOf(service), 0)
    this.#tags.replace(tagsOf(service), 0)
  }

  changeInstances(service: KnownService, change: number): void {
    if (!isOwn(service)) this.instances += change
  }

  changeTags(service: KnownService, before: number): void {
    if (!isOwn(service)) this.#tags.replace(before, tagsOf(service))
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
