import type { LeaseId } from './store.ts'

/** A set costs several times as much as a short list. */
const LIST_LENGTH_MAX = 8

type Keys = string | string[] | Set<string>

/** Which keys end with which lease. Most leases have one or two keys, and there are many leases. */
export class LeaseBindings {
  readonly #keys = new Map<LeaseId, Keys>()

  keysOf(lease: LeaseId): readonly string[] {
    const keys = this.#keys.get(lease) ?? []
    return typeof keys === 'string' ? [keys] : [...keys]
  }

  /** @returns whether it is the first key of the lease */
  bind(lease: LeaseId, key: string): boolean {
    const keys = this.#keys.get(lease)
    if (keys === undefined) {
      this.#keys.set(lease, key)
      return true
    }
    if (keys instanceof Set) keys.add(key)
    else if (!(keys === key || (typeof keys === 'object' && keys.includes(key)))) {
      const all = typeof keys === 'string' ? [keys, key] : [...keys, key]
      this.#keys.set(lease, all.length > LIST_LENGTH_MAX ? new Set(all) : all)
    }
    return false
  }

  unbind(lease: LeaseId, key: string): void {
    const keys = this.#keys.get(lease)
    if (keys instanceof Set) keys.delete(key)
    else if (typeof keys === 'object') keys.splice(0, keys.length, ...keys.filter((other) => other !== key))
    const isEmpty =
      keys === key || (keys instanceof Set && keys.size === 0) || (Array.isArray(keys) && keys.length === 0)
    if (isEmpty) this.#keys.delete(lease)
  }

  /** Moves a key from the lease that it had to the one that it gets; either may be none. */
  move(key: string, from: LeaseId | undefined, to: LeaseId | undefined): void {
    if (from === to) return
    if (from !== undefined) this.unbind(from, key)
    if (to !== undefined) this.bind(to, key)
  }
}
