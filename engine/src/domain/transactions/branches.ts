/** From so many on they are looked up by an index. */
const INDEXED_MIN = 16
const NONE: readonly never[] = []

/** A list with one more, perhaps the same list. The first one makes a list of its size, where `push` would make room for many. */
export function withOneMore<Item>(list: readonly Item[], item: Item): readonly Item[] {
  if (list.length === 0) return [item]
  ;(list as Item[]).push(item)
  return list
}

interface Named {
  readonly branchTxId: string
}

/** The branches of a transaction. Nearly all have one or a few, for which a list takes a third of what a map would. */
export class Branches<Branch extends Named> implements Iterable<Branch> {
  #all: readonly Branch[]
  #byId: Map<string, Branch> | undefined

  constructor(all: readonly Branch[] = NONE) {
    this.#all = all
  }

  get size(): number {
    return this.#all.length
  }

  get(branchTxId: string): Branch | undefined {
    if (this.#all.length < INDEXED_MIN) {
      for (const branch of this.#all) if (branch.branchTxId === branchTxId) return branch
      return undefined
    }
    this.#byId ??= new Map(this.#all.map((branch) => [branch.branchTxId, branch]))
    return this.#byId.get(branchTxId)
  }

  has(branchTxId: string): boolean {
    return this.get(branchTxId) !== undefined
  }

  /** Adds one that is not among them. */
  add(branch: Branch): void {
    this.#all = withOneMore(this.#all, branch)
    this.#byId?.set(branch.branchTxId, branch)
  }

  [Symbol.iterator](): IterableIterator<Branch> {
    return this.#all.values()
  }
}
