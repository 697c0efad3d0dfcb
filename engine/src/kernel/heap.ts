/** A binary heap of things that are due at some time; the earliest comes first. */
export class DueHeap<Item> {
  readonly #times: number[] = []
  readonly #items: Item[] = []

  get size(): number {
    return this.#times.length
  }

  /** Time of the earliest item; Infinity when empty. */
  get earliest(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY
  }

  push(time: number, item: Item): void {
    let at = this.#times.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#time(parent) <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#set(at, time, item)
  }

  /** Takes the earliest item out; undefined when empty. */
  pop(): Item | undefined {
    const [first] = this.#items
    const time = this.#times.pop()
    const item = this.#items.pop()
    if (time === undefined || item === undefined || this.#times.length === 0) return first
    let at = 0
    for (let child = 1; child < this.#times.length; child = 2 * at + 1) {
      const right = child + 1
      const least = right < this.#times.length && this.#time(right) < this.#time(child) ? right : child
      if (time <= this.#time(least)) break
      this.#move(least, at)
      at = least
    }
    this.#set(at, time, item)
    return first
  }

  #time(index: number): number {
    return this.#times[index] ?? Number.POSITIVE_INFINITY
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#time(from)
    this.#items[to] = this.#items[from] as Item
  }

  #set(at: number, time: number, item: Item): void {
    this.#times[at] = time
    this.#items[at] = item
  }
}
