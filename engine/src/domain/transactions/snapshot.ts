import { reached } from './judge.ts'
import type { Branch, Note, NotedBranch, NotedReporter, Reporter, Said, Transaction } from './types.ts'

/** A note that says all that is known of a transaction; joined to what is known it changes nothing. */
export function snapshotOf(tenant: string, { globalTxId, branches, touchedAt }: Transaction): Note {
  const places = new Map<Reporter, number>()
  const reporters: NotedReporter[] = []
  const placeOf = (reporter: Reporter): number => {
    const known = places.get(reporter)
    if (known !== undefined) return known
    places.set(reporter, reporters.length)
    return reporters.push({ head: reporter.head, latest: reporter.latest }) - 1
  }
  const noted = [...branches].map((branch): NotedBranch => {
    const mentions = branch.mentions.map(({ reporter, listedAt }) => [placeOf(reporter), listedAt] as const)
    return { globalTxId, branchTxId: branch.branchTxId, mentions, ...saidOf(branch) }
  })
  return { at: touchedAt, tenant, reporters, branches: noted }
}

/** A note that says when each of some reporters sent its latest list: what is not in it has left it. */
export function reportersNote(tenant: string, reporters: readonly Reporter[]): Note {
  return { at: 0, tenant, reporters: reporters.map(({ head, latest }) => ({ head, latest })), branches: [] }
}

function saidOf(branch: Branch) {
  const { parentTxId, model, role, name, status, steps: _, participants, errorMessage, errorTime, ...numbers } = branch
  const { beginTime, updateTime, timeoutMs, retriedCount, isFinished } = numbers
  return {
    parentTxId,
    model,
    role,
    name,
    status,
    beginTime,
    updateTime,
    timeoutMs,
    retriedCount,
    isFinished,
    steps: Object.fromEntries(reached(branch)),
    ...(errorMessage !== '' && { errorMessage, errorTime }),
    ...(participants.length > 0 && { participants: participants as NonNullable<Said['participants']> }),
  }
}
