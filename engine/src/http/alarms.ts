/** Something that an operator should look at. */
export interface Alarm {
  readonly id: string
  readonly status: 'ACTIVATED' | 'CLEARED'
  readonly fields: { readonly detail: string }
}

interface Entry {
  readonly alarm: Alarm
  /** Empty: it is about the engine, and everybody sees it. */
  readonly tenant: string
}

/** Alarms of this process, by id; a new one of the same id takes the place of the old. */
export class Alarms {
  readonly #entries = new Map<string, Entry>()

  /** @param tenant whose alarm it is; left out: everybody's */
  raise(id: string, detail: string, tenant = ''): void {
    this.#entries.set(`${tenant}\n${id}`, { alarm: { id, status: 'ACTIVATED', fields: { detail } }, tenant })
  }

  /** What an alarm was about is over; it stays to be read until it is forgotten. */
  clear(id: string, tenant = ''): void {
    const key = `${tenant}\n${id}`
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#entries.set(key, { ...entry, alarm: { ...entry.alarm, status: 'CLEARED' } })
  }

  /** Those that a tenant sees. */
  list(tenant = ''): Alarm[] {
    return [...this.#entries.values()].filter((entry) => isSeen(entry, tenant)).map(({ alarm }) => alarm)
  }

  /** Forgets those that a tenant sees. */
  forget(tenant = ''): void {
    for (const [key, entry] of this.#entries) if (isSeen(entry, tenant)) this.#entries.delete(key)
  }
}

function isSeen(entry: Entry, tenant: string): boolean {
  return entry.tenant === '' || entry.tenant === tenant
}
