import type { Batch, Change, Revision, Watch, WatchSink } from './store.ts'

/** Changes kept for watches that start in the past. */
const CHANGES_KEPT_MAX = 4096
/** Forgotten batches stay in the list until there are so many: taking them out one by one would move the rest each time. */
const FORGOTTEN_MAX = 1024

interface Subscription {
  readonly prefix: string
  readonly sink: WatchSink
  /** Everything up to this revision has been handed over, or was not asked for. */
  upTo: Revision
}

/** Hands every commit to the watches of one process, and remembers the latest ones. */
export class WatchLog {
  readonly #subscriptions = new Set<Subscription>()
  /** The first `#forgotten` of them no longer count. */
  readonly #kept: Batch[] = []
  #forgotten = 0
  #keptChanges = 0
  /** Everything after this revision is kept. */
  #keptAfter: Revision = 0
  #isPublishing = false

  /** Forgets the past: what a store holds when it opens has no history. */
  startAt(revision: Revision): void {
    this.#keptAfter = revision
  }

  /** Hands over a commit; one that a sink makes from within its call is handed over after the one it is looking at. */
  publish(batch: Batch): void {
    this.#kept.push(batch)
    this.#keptChanges += batch.changes.length
    if (this.#isPublishing) return
    this.#isPublishing = true
    // A sink may publish, watch and stop: the list grows meanwhile, and each subscription knows what it has seen.
    for (let next = this.#kept.length - 1; next < this.#kept.length; next++) {
      const current = this.#kept[next]
      if (current !== undefined) for (const subscription of this.#subscriptions) deliver(subscription, current)
    }
    this.#isPublishing = false
    this.#compact()
  }

  watch(prefix: string, after: Revision, sink: WatchSink): Watch {
    if (after < this.#keptAfter) {
      sink.onCompacted()
      return { stop: () => {} }
    }
    const subscription = { prefix, sink, upTo: after }
    this.#subscriptions.add(subscription)
    const seen = this.#kept.slice(this.#firstAfter(after))
    for (const batch of seen) deliver(subscription, batch)
    return { stop: () => void this.#subscriptions.delete(subscription) }
  }

  /** Where in what is kept the commits after `revision` begin; revisions grow by one, without a gap. */
  #firstAfter(revision: Revision): number {
    const first = this.#kept[this.#forgotten]?.revision ?? 0
    return this.#forgotten + Math.max(0, revision + 1 - first)
  }

  #compact(): void {
    while (this.#keptChanges > CHANGES_KEPT_MAX && this.#forgotten < this.#kept.length - 1) {
      const oldest = this.#kept[this.#forgotten]
      this.#keptChanges -= oldest?.changes.length ?? 0
      this.#keptAfter = oldest?.revision ?? this.#keptAfter
      this.#forgotten++
    }
    if (this.#forgotten <= FORGOTTEN_MAX) return
    this.#kept.splice(0, this.#forgotten)
    this.#forgotten = 0
  }
}

function deliver(subscription: Subscription, { revision, changes }: Batch): void {
  const { prefix, sink, upTo } = subscription
  if (revision <= upTo) return
  subscription.upTo = revision
  const isBelow = ({ key }: Change): boolean => key.startsWith(prefix)
  const below = changes.every(isBelow) ? changes : changes.filter(isBelow)
  if (below.length > 0) sink.onBatch({ revision, changes: below })
}
