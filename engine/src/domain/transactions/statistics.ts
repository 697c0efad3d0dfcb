import { TX_SERVICES_SHOWN_MAX } from '../../kernel/limits.ts'
import { headOf, isFailed, judge, seenBy } from './judge.ts'
import { SHOWN_STATUSES } from './search.ts'
import type { Eyes } from './types.ts'
import type { TenantTransactions } from './view.ts'

interface Counts {
  total: number
  inFlight: number
  stuck: number
  /** TIMED_OUT, CONFIRM_FAILED, CANCEL_FAILED and LOST. */
  failed: number
}

/** How it goes in a tenant; every transaction counts once, for the service of its root. */
export interface Statistics extends Counts {
  readonly byStatus: Readonly<Record<string, number>>
  readonly byModel: Readonly<Record<string, number>>
  /** Those with the most in flight. */
  readonly byService: readonly (Counts & { readonly appId: string; readonly serviceName: string })[]
  /** From begin to the last report, of those that ended; 0 when none did. */
  readonly averageDurationMs: number
}

interface Viewpoint {
  readonly now: number
  readonly eyes: Eyes | undefined
}

/** Counts in small steps, between which reports may come. @param own undefined: a tenant without transactions */
export function* countAll(
  own: TenantTransactions | undefined,
  { now, eyes }: Viewpoint,
): Generator<undefined, Statistics> {
  const all: Counts = { total: 0, inFlight: 0, stuck: 0, failed: 0 }
  const byStatus: Record<string, number> = Object.fromEntries(SHOWN_STATUSES.map((status) => [status, 0]))
  const byModel: Record<string, number> = { TCC: 0, SAGA: 0 }
  const services = new Map<string, Counts & { readonly appId: string; readonly serviceName: string }>()
  let ended = 0
  let endedMs = 0
  for (const whole of own?.transactions.all() ?? []) {
    yield
    const transaction = whole.isForgotten ? undefined : seenBy(eyes, whole)
    if (transaction === undefined) continue
    const judgement = judge(transaction, now)
    const { main, status, isInFlight, isStuck } = judgement
    const { appId = '', serviceName = '' } = headOf(main)
    const key = `${appId}\n${serviceName}`
    const service = services.get(key) ?? { appId, serviceName, total: 0, inFlight: 0, stuck: 0, failed: 0 }
    services.set(key, service)
    for (const counts of [all, service]) {
      counts.total += 1
      counts.inFlight += Number(isInFlight)
      counts.stuck += Number(isStuck)
      counts.failed += Number(isFailed(status))
    }
    byStatus[status] = (byStatus[status] ?? 0) + 1
    if (main.model !== '') byModel[main.model] = (byModel[main.model] ?? 0) + 1
    if (isInFlight) continue
    ended += 1
    endedMs += Math.max(0, main.updateTime - transaction.begin)
  }
  const byService = [...services]
    .sort(byNeed)
    .slice(0, TX_SERVICES_SHOWN_MAX)
    .map(([, service]) => service)
  const averageDurationMs = ended === 0 ? 0 : Math.round(endedMs / ended)
  return { ...all, byStatus, byModel, byService, averageDurationMs }
}

/** The most in flight first, then the most of all, then by name. */
function byNeed([key, one]: readonly [string, Counts], [otherKey, other]: readonly [string, Counts]): number {
  return other.inFlight - one.inFlight || other.total - one.total || (key < otherKey ? -1 : 1)
}
