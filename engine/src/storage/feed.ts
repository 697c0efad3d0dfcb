import type { FeedMeter } from './feed-meter.ts'
import type { Fold, Store, Watch } from './store.ts'

/**
 * Fills the folds with what the store holds and keeps them current: whoever awaits a commit finds it folded.
 * Entries of one prefix are folded before those of the next.
 */
export async function startFeed(store: Store, folds: readonly Fold[], meter?: FeedMeter): Promise<Watch> {
  const after = store.revision
  for (const fold of folds) {
    for (const prefix of fold.prefixes) {
      for await (const page of store.read(prefix)) {
        for (const entry of page) fold.apply(entry)
      }
    }
  }
  const watches = folds.flatMap((fold) => fold.prefixes.map((prefix) => ({ fold, prefix })))
  const prefixes = watches.map(({ prefix }) => prefix)
  // Most of the many prefixes differ in their first characters.
  const length = Math.min(...prefixes.map((prefix) => prefix.length))
  const byBeginning = Map.groupBy(watches, ({ prefix }) => prefix.slice(0, length))
  return store.watch(commonPrefix(prefixes), after, {
    onBatch({ changes }) {
      for (const change of changes) {
        for (const { fold, prefix } of byBeginning.get(change.key.slice(0, length)) ?? []) {
          if (!change.key.startsWith(prefix)) continue
          const began = meter?.begin() ?? 0
          fold.apply(change)
          meter?.end(prefix, began)
        }
      }
    },
    onCompacted() {
      throw new Error('the store dropped changes that were not folded yet')
    },
  })
}

/** The longest text that all of `prefixes` start with. */
function commonPrefix(prefixes: readonly string[]): string {
  let [common = ''] = prefixes
  for (const prefix of prefixes) while (!prefix.startsWith(common)) common = common.slice(0, -1)
  return common
}
