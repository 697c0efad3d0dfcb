import { CONTRACT_CHANGES_MAX } from '../../kernel/limits.ts'
import type { ContractChange, Effect } from './comparison.ts'

const WEIGHT: Readonly<Record<Effect, number>> = { breaking: 2, compatible: 1, neutral: 0 }

/** Collects changes; two of one place and kind count once, with its worse effect. */
export class Findings {
  readonly #changes = new Map<string, ContractChange>()
  #isCut = false

  add(change: ContractChange): void {
    const key = `${change.kind} ${change.path}`
    const known = this.#changes.get(key)
    if (known === undefined && this.#changes.size >= CONTRACT_CHANGES_MAX) this.#isCut = true
    else if (known === undefined || WEIGHT[known.effect] < WEIGHT[change.effect]) this.#changes.set(key, change)
  }

  /** All of them, breaking ones first, else in the order of their finding. */
  get changes(): ContractChange[] {
    return [...this.#changes.values()].sort((one, other) => WEIGHT[other.effect] - WEIGHT[one.effect])
  }

  get isCut(): boolean {
    return this.#isCut
  }
}
