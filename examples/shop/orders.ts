/** How the shop takes orders: a transaction over stock, payment and delivery. */
import type { Provider, TccContext } from '@rollcall/client'
import { discover, httpUrl } from '@rollcall/client'
import type { RunningService } from './service.ts'

/** Who takes part, and what is asked of them, in this order. */
const STEPS = [
  { serviceName: 'stock', path: 'reserve' },
  { serviceName: 'payment', path: 'pay' },
  { serviceName: 'delivery', path: 'deliver' },
] as const
/** An order that takes longer needs a person. */
const TIMEOUT_MS = 2000

type Step = (typeof STEPS)[number]

/** @returns what takes one order; it rejects when the order comes to nothing */
export function orderDesk({ client, membership, metrics, transactions }: RunningService): () => Promise<object> {
  const providers = new Map<string, Provider>()
  for (const { serviceName } of STEPS) {
    providers.set(serviceName, discover(client, { consumer: membership, appId: 'shop', serviceName }))
  }
  const ask = async ({ serviceName, path }: Step, { globalTxId, branchTxId }: TccContext): Promise<void> => {
    const instance = providers.get(serviceName)?.pick()
    const url = instance === undefined ? undefined : httpUrl(instance)
    if (url === undefined) throw new Error(`no ${serviceName} is known`)
    const search = new URLSearchParams({ globalTxId, branchTxId })
    const answer = await fetch(`${url}/${path}?${search}`, { method: 'POST' })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${serviceName}: ${text}`)
  }
  const attempt = async (transaction: TccContext): Promise<object> => {
    for (const step of STEPS) {
      const { serviceName, path } = step
      // The others report their branches themselves.
      if (serviceName === 'delivery') transaction.addParticipant({ serviceName, tryMethod: path })
      await metrics.wrap(`Consumer.${serviceName}.${path}`, () => ask(step, transaction))()
    }
    return { order: transaction.globalTxId }
  }
  return () =>
    transactions.withTcc(
      attempt,
      () => undefined,
      () => undefined,
      { name: 'order', timeoutMs: TIMEOUT_MS },
    )
}
