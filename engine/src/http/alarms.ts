/** Something that an operator should look at. */
export interface Alarm {
  readonly id: string
  readonly status: 'ACTIVATED' | 'CLEARED'
  readonly fields: { readonly detail: string }
}

/** Alarms of this process, by id; a new one of the same id takes the place of the old. */
export class Alarms {
  readonly #active = new Map<string, Alarm>()

  raise(id: string, detail: string): void {
    this.#active.set(id, { id, status: 'ACTIVATED', fields: { detail } })
  }

  list(): Alarm[] {
    return [...this.#active.values()]
  }

  forget(): void {
    this.#active.clear()
  }
}
