import type { ClientLog } from './surroundings.ts'

/** Those who want to be told. One that throws is logged and does not keep the others from hearing. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>()
  readonly #log: ClientLog

  constructor(log: ClientLog) {
    this.#log = log
  }

  get size(): number {
    return this.#listeners.size
  }

  /** @returns what ends it */
  add(listener: (event: Event) => void): () => void {
    const own = (event: Event) => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event)
      } catch (err) {
        this.#log.warn({ err }, 'a listener has thrown')
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
