import { Pace } from '../../kernel/pace.ts'
import type { Entry, Revision } from '../../storage/store.ts'
import { keys, PREFIXES, splitLast } from './keys.ts'
import type { RegistryView } from './view.ts'

/** What a comparison of memory and store came to. */
export interface Consistency {
  /** Services and instances that were compared. */
  readonly compared: number
  /** Keys that the two do not agree on; at most so many are listed. */
  readonly differing: readonly string[]
}

type Read = (prefix: string) => AsyncIterable<readonly Entry[]>

interface Kept {
  readonly text: string
  readonly revision: Revision
}

/** Looked at again one by one: beyond it something is thoroughly wrong, and the list long enough. */
const SUSPECTS_MAX = 1000

/**
 * Compares every service and instance in memory with what the store says, while requests go on. What differs in a first
 * look may only have changed in the meantime, so it is looked at again: memory and store at the very same moment.
 */
export async function compareWithStore(view: RegistryView, read: Read): Promise<Consistency> {
  const pace = new Pace()
  const seen = new Set<string>()
  const suspects = new Set<string>()
  const suspect = (key: string) => void (suspects.size < SUSPECTS_MAX && suspects.add(key))
  for await (const entry of storedEntries(read)) {
    seen.add(entry.key)
    if (!isSame(inMemory(view, entry.key), { text: entry.value, revision: entry.revision })) suspect(entry.key)
    const pause = pace.step()
    if (pause !== undefined) await pause
  }
  for (const key of keysInMemory(view)) {
    if (!seen.has(key)) suspect(key)
    const pause = pace.step()
    if (pause !== undefined) await pause
  }
  const differing: string[] = []
  for (const key of suspects) if (await differs(view, read, key)) differing.push(key)
  return { compared: seen.size, differing }
}

async function* storedEntries(read: Read): AsyncIterable<Entry> {
  for (const prefix of [PREFIXES.services, PREFIXES.instances]) for await (const page of read(prefix)) yield* page
}

function* keysInMemory(view: RegistryView): Generator<string> {
  for (const tenant of view.tenants()) {
    for (const { id, instances } of view.services(tenant)) {
      yield keys.service(tenant, id)
      for (const instance of instances.keys()) yield keys.instance(tenant, id, instance)
    }
  }
}

/** Memory is looked at in the same turn in which the store is asked, so both are of one moment. */
async function differs(view: RegistryView, read: Read, key: string): Promise<boolean> {
  const pages = read(key)
  const known = inMemory(view, key)
  let stored: Kept | undefined
  for await (const page of pages) {
    for (const entry of page) if (entry.key === key) stored = { text: entry.value, revision: entry.revision }
  }
  return !isSame(known, stored)
}

function inMemory(view: RegistryView, key: string): Kept | undefined {
  if (key.startsWith(PREFIXES.services)) return view.service(...splitLast(key.slice(PREFIXES.services.length)))
  const [path, id] = splitLast(key.slice(PREFIXES.instances.length))
  return view.instance(...splitLast(path), id)
}

function isSame(one: Kept | undefined, other: Kept | undefined): boolean {
  return one?.text === other?.text && one?.revision === other?.revision
}
