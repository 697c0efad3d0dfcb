import type { LeaseId } from './store.ts'

/** Which keys end with which lease. Most leases have one or two keys, so a short list is kept for each. */
export class LeaseBindings {
  readonly #keys = new Map<LeaseId, string | Set<string>>()

  keysOf(lease: LeaseId): readonly string[] {
    const keys = this.#keys.get(lease) ?? []
    return typeof keys === 'string' ? [keys] : [...keys]
  }

  bind(lease: LeaseId, key: string): void {
    const keys = this.#keys.get(lease)
    if (keys === undefined || keys === key) this.#keys.set(lease, key)
    else if (typeof keys === 'string') this.#keys.set(lease, new Set([keys, key]))
    else keys.add(key)
  }

  unbind(lease: LeaseId, key: string): void {
    const keys = this.#keys.get(lease)
    if (keys === key) this.#keys.delete(lease)
    else if (typeof keys === 'object' && keys.delete(key) && keys.size === 0) this.#keys.delete(lease)
  }

  /** Moves a key from the lease that it had to the one that it gets; either may be none. */
  move(key: string, from: LeaseId | undefined, to: LeaseId | undefined): void {
    if (from === to) return
    if (from !== undefined) this.unbind(from, key)
    if (to !== undefined) this.bind(to, key)
  }
}
