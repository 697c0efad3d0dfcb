import type { ServiceKey } from '@rollcall/protocol/documents'
import { DEPENDENCY_RULE } from '@rollcall/protocol/documents'
import { encodeObject } from '@rollcall/protocol/encode'
import type { Guard, Write } from '../../storage/store.ts'
import { consumerRule, providerRule } from './keys.ts'
import type { DependencyView } from './view.ts'

/** The rules as they would be after some changes; turns into the guards and writes of one commit. */
export class RuleDraft {
  readonly #view: DependencyView
  readonly #changed = new Map<string, readonly ServiceKey[]>()

  constructor(view: DependencyView) {
    this.#view = view
  }

  /** Number of rules that would be written. */
  get size(): number {
    return this.#changed.size
  }

  /** Makes the dependency, seen from both ends. */
  add(consumer: Required<Pick<ServiceKey, 'tenant'>> & ServiceKey, provider: typeof consumer): void {
    this.#include(consumerRule(consumer.tenant, consumer), provider)
    this.#include(providerRule(provider.tenant, provider), consumer)
  }

  /** Takes the dependency away, at both ends. */
  remove(consumer: Required<Pick<ServiceKey, 'tenant'>> & ServiceKey, provider: typeof consumer): void {
    this.#exclude(consumerRule(consumer.tenant, consumer), provider)
    this.#exclude(providerRule(provider.tenant, provider), consumer)
  }

  keys(storeKey: string): readonly ServiceKey[] {
    return this.#changed.get(storeKey) ?? this.#view.rule(storeKey).keys
  }

  finish(): { readonly guards: Guard[]; readonly writes: Write[] } {
    const guards: Guard[] = []
    const writes: Write[] = []
    for (const [key, keys] of this.#changed) {
      guards.push({ key, revision: this.#view.rule(key).revision })
      writes.push(keys.length === 0 ? { key } : { key, value: encodeObject(DEPENDENCY_RULE, { Dependency: keys }) })
    }
    return { guards, writes }
  }

  #include(storeKey: string, key: ServiceKey): void {
    const keys = this.keys(storeKey)
    if (!keys.some((other) => isSame(other, key))) this.#changed.set(storeKey, [...keys, key])
  }

  #exclude(storeKey: string, key: ServiceKey): void {
    const keys = this.keys(storeKey)
    const rest = keys.filter((other) => !isSame(other, key))
    if (rest.length < keys.length) this.#changed.set(storeKey, rest)
  }
}

/** Whether two keys name the same end of a dependency. */
export function isSame(one: ServiceKey, other: ServiceKey): boolean {
  return (
    one.serviceName === other.serviceName &&
    one.appId === other.appId &&
    (one.version ?? '') === (other.version ?? '') &&
    (one.environment ?? '') === (other.environment ?? '') &&
    one.tenant === other.tenant
  )
}
