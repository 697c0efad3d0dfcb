import type { Batch, Revision, Watch, WatchSink } from './store.ts'

/** Changes kept for watches that start in the past. */
const CHANGES_KEPT_MAX = 4096

interface Subscription {
  readonly prefix: string
  readonly sink: WatchSink
}

/** Hands every commit to the watches of one process, and remembers the latest ones. */
export class WatchLog {
  readonly #subscriptions = new Set<Subscription>()
  readonly #kept: Batch[] = []
  #keptChanges = 0
  /** Everything after this revision is kept. */
  #keptAfter: Revision = 0

  /** Forgets the past: what a store holds when it opens has no history. */
  startAt(revision: Revision): void {
    this.#keptAfter = revision
  }

  publish(batch: Batch): void {
    this.#kept.push(batch)
    this.#keptChanges += batch.changes.length
    while (this.#keptChanges > CHANGES_KEPT_MAX && this.#kept.length > 1) {
      const oldest = this.#kept.shift()
      this.#keptChanges -= oldest?.changes.length ?? 0
      this.#keptAfter = oldest?.revision ?? this.#keptAfter
    }
    for (const subscription of this.#subscriptions) deliver(subscription, batch)
  }

  watch(prefix: string, after: Revision, sink: WatchSink): Watch {
    if (after < this.#keptAfter) {
      sink.onCompacted()
      return { stop: () => {} }
    }
    const subscription = { prefix, sink }
    for (const batch of this.#kept) if (batch.revision > after) deliver(subscription, batch)
    this.#subscriptions.add(subscription)
    return { stop: () => void this.#subscriptions.delete(subscription) }
  }
}

function deliver({ prefix, sink }: Subscription, { revision, changes }: Batch): void {
  const below = changes.filter(({ key }) => key.startsWith(prefix))
  if (below.length > 0) sink.onBatch({ revision, changes: below })
}
