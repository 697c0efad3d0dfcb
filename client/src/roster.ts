import { matchesVersion } from '@rollcall/protocol/version-rule'
import type { KnownInstance } from './instances.ts'

/** What became different in a list of instances; each part is by id. */
export interface Change {
  /** All that there are now. */
  readonly instances: readonly KnownInstance[]
  readonly added: readonly KnownInstance[]
  /** As they were last known. */
  readonly removed: readonly KnownInstance[]
  /** As they are now. */
  readonly updated: readonly KnownInstance[]
}

/** The instances of one provider, as last known. */
export class Roster {
  readonly #versionRule: string
  #instances: readonly KnownInstance[] = []
  /** Instances whose end was told since the last list came; a part of the list. */
  readonly #gone = new Set<string>()
  #turn = 0

  constructor(versionRule: string) {
    this.#versionRule = versionRule
  }

  get instances(): readonly KnownInstance[] {
    return this.#instances
  }

  /** The next one that is UP. */
  pick(): KnownInstance | undefined {
    const up = this.#instances.filter(({ status }) => status === 'UP')
    return up[this.#turn++ % up.length]
  }

  /** Takes a whole new list. @returns what is different; undefined when nothing is */
  replace(instances: readonly KnownInstance[]): Change | undefined {
    const now = [...matchesVersion(instances, this.#versionRule)].sort(byId)
    const change = compare(this.#instances, now)
    this.#gone.clear()
    this.#instances = now
    return change
  }

  /** Notes that an instance has ended, for the case that no list comes that shows it. */
  markGone(instanceId: string): void {
    if (this.#instances.some((instance) => instance.instanceId === instanceId)) this.#gone.add(instanceId)
  }

  /** Removes those whose end was noted. */
  dropGone(): Change | undefined {
    return this.replace(this.#instances.filter(({ instanceId }) => !this.#gone.has(instanceId)))
  }
}

function compare(before: readonly KnownInstance[], now: readonly KnownInstance[]): Change | undefined {
  const old = new Map(before.map((instance) => [instance.instanceId, instance]))
  const added = now.filter(({ instanceId }) => !old.has(instanceId))
  const updated = now.filter((instance) => {
    const known = old.get(instance.instanceId)
    return known !== undefined && JSON.stringify(known) !== JSON.stringify(instance)
  })
  const kept = new Set(now.map(({ instanceId }) => instanceId))
  const removed = before.filter(({ instanceId }) => !kept.has(instanceId))
  if (added.length + updated.length + removed.length === 0) return undefined
  return { instances: now, added, removed, updated }
}

function byId(one: KnownInstance, other: KnownInstance): number {
  return one.instanceId < other.instanceId ? -1 : 1
}
