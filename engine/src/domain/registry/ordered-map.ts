/** A map that is walked in the order of its keys, in whatever order they came in. */
export class OrderedMap<Value> {
  readonly #values = new Map<string, Value>()
  readonly #keys: string[] = []

  get size(): number {
    return this.#values.size
  }

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#placeOf(key), 0, key)
    this.#values.set(key, value)
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#placeOf(key), 1)
  }

  /** All values as they are now, by key. */
  values(): Value[] {
    return this.#keys.map((key) => this.#values.get(key) as Value)
  }

  /** Where a key stands, or would stand. */
  #placeOf(key: string): number {
    let [low, high] = [0, this.#keys.length]
    // The store hands keys over in order when the engine starts.
    if ((this.#keys[high - 1] ?? '') < key) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#keys[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
