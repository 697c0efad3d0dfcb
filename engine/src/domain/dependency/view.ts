import type { ServiceKey } from '@rollcall/protocol/documents'
import type { Change, Fold, Revision } from '../../storage/store.ts'
import { PREFIX } from './keys.ts'

/** One end of dependencies: the providers of a consumer, or the consumers of a provider. */
export interface RuleNode {
  readonly keys: readonly ServiceKey[]
  readonly revision: Revision
}

const NO_RULE: RuleNode = { keys: [], revision: 0 }

/** All dependencies, by the store key of either end. */
export class DependencyView implements Fold {
  readonly prefixes = [PREFIX]
  readonly #rules = new Map<string, RuleNode>()

  rule(storeKey: string): RuleNode {
    return this.#rules.get(storeKey) ?? NO_RULE
  }

  apply(change: Change): void {
    if (change.value === undefined) {
      this.#rules.delete(change.key)
      return
    }
    const { Dependency: keys = [] } = JSON.parse(change.value) as { readonly Dependency?: readonly ServiceKey[] }
    this.#rules.set(change.key, { keys, revision: change.revision })
  }
}
